// A bar chart as inline SVG: no script, nothing fetched, and black on white when it is printed. Labels are escaped here.

export function escapeHtml (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\'', '&#39;')
}

export interface Bar {
  readonly label: string
  readonly value: number
  /** The part of the value that is shown in the second colour: refusals. */
  readonly marked?: number
}

const rowHeight = 24
const labelWidth = 220
const barsWidth = 400
const longestLabel = 32

const round = (value: number) => Math.round(value * 10) / 10

/** Lying bars, one a row. */
export function drawBars (title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(bar => bar.value))
  const height = bars.length * rowHeight
  const rows = bars.map(({ label, value, marked = 0 }, at) => {
    const y = at * rowHeight
    const plain = round((value - marked) / most * barsWidth)
    const second = round(marked / most * barsWidth)
    const name = label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label
    return `<text x="${labelWidth - 8}" y="${y + 16}" text-anchor="end">${escapeHtml(name)}</text>` +
      `<rect class="bar" x="${labelWidth}" y="${y + 4}" width="${plain}" height="16"/>` +
      (marked === 0 ? '' : `<rect class="marked" x="${labelWidth + plain}" y="${y + 4}" width="${second}" height="16"/>`) +
      `<text class="value" x="${labelWidth + plain + second + 6}" y="${y + 16}">${value}${marked === 0 || marked === value ? '' : ` (${marked} refused)`}</text>`
  })
  return `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${labelWidth + barsWidth + 120} ${Math.max(height, rowHeight)}" width="100%">${rows.join('')}</svg>`
}
