// HTML by template: everything that is put in is escaped, unless it is HTML already.

export class Html {
  readonly text: string
  constructor (text: string) { this.text = text }
}

type Value = Html | string | number | undefined | false | readonly (Html | string)[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string) => text.replace(/[&<>"']/g, character => entities[character] ?? '')

function render (value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(render).join('')
  return escape(String(value))
}

/** html`<p>${text}</p>` */
export function html (parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => part + (index < values.length ? render(values[index]) : '')).join(''))
}

/** 20 Nov 2026, 15:42 */
export function formatTime (iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
}

/** 3 Dec 2026, or an em dash when there is none. */
export function formatDay (day: string): string {
  if (day === '') return '—'
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}

/** 12.4 MiB */
export function formatBytes (bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  const step = Math.min(units.length - 1, bytes === 0 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`
}

/** Two letters for a round badge: FE */
export function initials (name: string): string {
  return name.split(/[\s.@-]+/).filter(word => word !== '').slice(0, 2).map(word => word[0]?.toUpperCase()).join('')
}
