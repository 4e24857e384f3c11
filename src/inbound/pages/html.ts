// Text into HTML. It never lets a character of a value become markup.

/** HTML that is safe to put out as it is. Only this file makes it. */
export class Html {
  readonly text: string
  constructor (text: string) { this.text = text }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' }
const special = /[&<>"'`]/g
// Control characters have no meaning in a page (WHATWG HTML 13.2.2: parse errors); they are shown as replaced, not dropped.
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g // eslint-disable-line no-control-regex

export function escapeHtml (text: string): string {
  return text.replace(control, '\uFFFD').replace(special, character => entities[character] as string)
}

export type HtmlValue = Html | string | number | readonly Html[]

function render (value: HtmlValue): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(part => part.text).join('')
  return escapeHtml(String(value))
}

/** html`<p>${text}</p>`: everything that is put in is escaped, unless it was made by this function. */
export function html (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => part + render(values[index] ?? '')).join(''))
}
