// A figure with what is asked of it. Missing a target is a result, not an error.
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** `≥ 50000`, `≤ 10`; undefined when nothing is asked. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number }
  readonly note?: string
}

export function holds ({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}

const format = (value: number) => value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 100 ? 0 : 2)

export function formatFigure (figure: Figure): string {
  const { name, value, unit, target, note } = figure
  const asked = target === undefined ? '' : `  (${'atLeast' in target ? `at least ${format(target.atLeast)}` : `at most ${format(target.atMost)}`}: ${holds(figure) === true ? 'holds' : 'MISSED'})`
  return `${name.padEnd(58)}${format(value).padStart(12)} ${unit}${asked}${note === undefined ? '' : `  ${note}`}`
}

export function quantile (values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export const median = (values: readonly number[]) => quantile(values, 0.5)
