// Somebody who writes in an editor is at work, wherever the page put it: in a frame that it wrote itself, in a document written anew.
// Nothing of the CRM's server is in such a document, so no script of ours either.
import t, { type Test } from 'tap'
import type { Frame, Page } from 'playwright-core'
import { html, minute, openIdlePlace, patient, signedOut, warning, type IdlePlace } from '../support/idle-place.ts'

const reports = (place: IdlePlace) => place.asked.filter(({ method, path, status }) => method === 'POST' && path === '/_sallyport/session' && status === 200)

/** Somebody who writes for sixteen minutes and does nothing else stays, and is reported at most every half minute; then they go. */
async function writeAndGo (t: Test, place: IdlePlace, into: Frame | Page): Promise<void> {
  for (let minutes = 0; minutes < 16; minutes += 1) {
    await place.advance(minute)
    await into.locator('#text').press('x')
    await place.settle()
  }
  t.equal(await warning(place.page).count(), 0, 'asked for nothing')
  t.equal(reports(place).length, 16)
  for (let times = 0; times < 4; times += 1) {
    await place.advance(7000)
    await into.locator('#text').press('y')
  }
  await place.settle()
  t.equal(reports(place).length, 16, 'no report within half a minute of the last one')
  await place.advance(16 * minute)
  await place.page.waitForURL(signedOut(place.journey))
}

const editors: Readonly<Record<string, string>> = {
  'written by the page': `<iframe id="editor" width="500" height="200"></iframe>
<script>addEventListener('load', () => { const inner = editor.contentDocument; inner.open(); inner.write('<body contenteditable id="text">a note</body>'); inner.close() })</script>`,
  'given as srcdoc': '<iframe srcdoc="&lt;textarea id=text&gt;a note&lt;/textarea&gt;" width="500" height="200"></iframe>',
  'made as a blob': `<iframe id="editor" width="500" height="200"></iframe>
<script>editor.src = URL.createObjectURL(new Blob(['<textarea id=text>a note</textarea>'], { type: 'text/html' }))</script>`,
  'one frame in another': '<iframe srcdoc="&lt;iframe srcdoc=\'&lt;textarea id=text&gt;&lt;/textarea&gt;\'&gt;&lt;/iframe&gt;" width="500" height="200"></iframe>',
}
for (const [how, body] of Object.entries(editors)) {
  t.test(`an editor in a frame, ${how}: who writes there is at work`, { timeout: 60_000 }, async t => {
    const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>${body}`) })
    await place.open('/')
    await writeAndGo(t, place, place.page.frames().at(-1) as Frame)
  })
}

t.test('a document that the page writes anew: who writes there is at work', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`) })
  await place.open('/')
  await place.page.evaluate(() => { document.open(); document.write('<!doctype html><body><textarea id="text"></textarea>'); document.close() })
  await writeAndGo(t, place, place.page)
})
