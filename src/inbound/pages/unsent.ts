// What a person reads about something that they sent after their session had ended: that it is kept, and what would be sent. Never a value of it.
import { html, type Html } from './html.ts'

export interface Unsent {
  readonly id: string
  readonly method: string
  readonly href: string
  readonly at: number
  readonly endsAt: number
  readonly bytes: number
  readonly fields: readonly { readonly name: string, readonly count: number }[]
  readonly files: number
  readonly isCut: boolean
}

/** A sentence behind the refusal; empty when nothing came with the request. */
export function sayKept (kept: { readonly until: number } | 'tooLarge' | 'notKept' | undefined): string {
  if (kept === undefined) return ''
  if (kept === 'tooLarge') return ' What you sent was too large to be kept: go back and copy it before you sign in.'
  if (kept === 'notKept') return ' What you sent was not kept: go back and copy it before you sign in.'
  return ' What you sent is kept for ten minutes. Sign in again as the same person in this browser, and you are asked whether to send it.'
}

const list = new Intl.ListFormat('en')
const size = (bytes: number) => bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(bytes / 1024)} KiB`

function describeFields ({ fields, files, isCut }: Unsent): string {
  const named = fields.map(({ name, count }) => count === 1 ? name : `${name} (${count} times)`)
  const all = isCut ? [...named, 'further ones'] : named
  return `${all.length === 0 ? 'not known' : list.format(all)}${files === 0 ? '' : files === 1 ? '; one file' : `; ${files} files`}`
}

function offer (unsent: Unsent, path: string): Html {
  const when = new Date(unsent.at).toISOString()
  const until = new Date(unsent.endsAt).toISOString().slice(11, 16)
  return html`<dl><dt>To</dt><dd><code>${unsent.method} ${unsent.href.split('?', 1)[0] as string}</code></dd>
<dt>When</dt><dd><time datetime="${when}">${when.slice(0, 16).replace('T', ' ')} UTC</time>, kept until ${until}</dd>
<dt>Fields</dt><dd>${describeFields(unsent)}</dd><dt>Size</dt><dd>${size(unsent.bytes)}</dd></dl>
<form method="post" action="${path}"><input type="hidden" name="id" value="${unsent.id}">
<button class="key" type="submit" name="do" value="send">Send it now</button><button class="plain" type="submit" name="do" value="drop">Delete it</button></form>`
}

export function offerUnsent (offers: readonly Unsent[], path: string): { readonly title: string, readonly body: Html } {
  const start = html`<p class="act"><a class="plain" href="/">To the start page</a></p>`
  if (offers.length === 0) return { title: 'Nothing is waiting', body: html`<p>Nothing is kept for you here. What was sent, deleted, or kept for ten minutes is gone.</p>${start}` }
  return {
    title: 'Send what you had typed?',
    body: html`<p>Your session ended before this was sent, so it did not reach the CRM. It is sent once, as you, under the rules of now.</p>${offers.map(each => offer(each, path))}${start}`,
  }
}
