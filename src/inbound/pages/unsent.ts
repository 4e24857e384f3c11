// What a person reads about something that they sent after their session had ended: that it is kept, and what would be sent. Never a value of it.
import type { TextKey } from './english.ts'
import { html, type Html } from './html.ts'
import type { Texts } from './texts.ts'

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

/** Of content that came with a refused request: kept until then, or why not. */
export type Kept = { readonly until: number } | 'tooLarge' | 'notKept'

export function sayKept (kept: Kept): TextKey {
  if (kept === 'tooLarge') return 'refused.tooLargeToKeep'
  return kept === 'notKept' ? 'refused.notKept' : 'refused.kept'
}

function describeFields ({ fields, isCut }: Unsent, texts: Texts): Html {
  const named = fields.map(({ name, count }) => count === 1 ? html`${name}` : texts.say('unsent.times', { field: name, count }))
  const all = isCut ? [...named, texts.say('unsent.further')] : named
  return all.length === 0 ? texts.say('unsent.unknown') : texts.list(all)
}

function offer (unsent: Unsent, texts: Texts, path: string): Html {
  const time = html`<time datetime="${new Date(unsent.at).toISOString()}">${texts.moment(unsent.at)}</time>`
  const files = unsent.files === 0 ? html`` : html`<dt>${texts.say('unsent.files')}</dt><dd>${unsent.files}</dd>`
  return html`<section class="offer"><dl><dt>${texts.say('unsent.to')}</dt><dd><code dir="ltr">${unsent.method} ${unsent.href.split('?', 1)[0] as string}</code></dd>
<dt>${texts.say('unsent.when')}</dt><dd>${texts.say('unsent.kept', { time, end: texts.clock(unsent.endsAt) })}</dd>
<dt>${texts.say('unsent.fields')}</dt><dd>${describeFields(unsent, texts)}</dd>${files}
<dt>${texts.say('unsent.size')}</dt><dd>${texts.size(unsent.bytes)}</dd></dl>
<form method="post" action="${path}"><input type="hidden" name="id" value="${unsent.id}">
<button class="key" type="submit" name="do" value="send">${texts.say('actions.send')}</button><button class="plain" type="submit" name="do" value="drop">${texts.say('actions.delete')}</button></form></section>`
}

export function offerUnsent (offers: readonly Unsent[], texts: Texts, path: string): { readonly title: TextKey, readonly body: Html } {
  const start = html`<p class="act"><a class="plain" href="/">${texts.say('actions.toStart')}</a></p>`
  if (offers.length === 0) return { title: 'unsent.nothingTitle', body: html`<p>${texts.say('unsent.nothingText')}</p>${start}` }
  return { title: 'unsent.title', body: html`<p>${texts.say('unsent.text')}</p>${offers.map(each => offer(each, texts, path))}${start}` }
}
