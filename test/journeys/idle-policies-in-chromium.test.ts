// The idle script in pages as CRMs write them, in a real browser: strict policies and compressed content. It works in each, and each page stays what it was.
import t, { type Test } from 'tap'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { html, minute, openIdlePlace, patient, signedOut, warning, type IdlePlace } from '../support/idle-place.ts'
import type { Answer } from '../support/upstream.ts'

const answerWith = (headers: Readonly<Record<string, string>>, body: string | Buffer): Answer => (_request, response) => { response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body) }

/** What the browser says against a page. */
function collectComplaints (page: Page): string[] {
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text()) })
  page.on('pageerror', error => { complaints.push(error.message) })
  return complaints
}

/** One who types is reported, is warned when they stop, may stay, and is out in the end. */
async function live (t: Test, place: IdlePlace, path: string): Promise<void> {
  const { page } = place
  await place.open(path)
  t.ok((await page.content()).includes(patient))
  await place.advance(minute)
  await page.keyboard.press('Shift')
  await place.settle()
  t.equal(place.asked.filter(({ method, status }) => method === 'POST' && status === 200).length, 1, 'reported')
  await place.advance(14 * minute + 10_000)
  await warning(page).getByRole('button').click()
  await warning(page).waitFor({ state: 'detached' })
  await place.advance(14 * minute)
  await place.advance(minute + 1000, 10_000)
  await page.waitForURL(signedOut(place.journey))
  t.notMatch(await page.content(), patient)
}

const strict: readonly (readonly [string, string, boolean])[] = [
  ["default-src 'none'", '', false],
  ["default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types 'none'", '<script nonce="abc">window.own = 1</script>', true],
  ["script-src 'sha256-6CfkxUWqWC9+HrJhab0u237bibDSyGGkyx75oKulN1s='; object-src 'none'; base-uri 'none'", '<script>window.own = 1</script>', true],
  ["script-src https://cdn.clinic.test 'unsafe-inline'; connect-src https://api.clinic.test", '<script>window.own = 1</script>', true],
  ["default-src 'self'; sandbox allow-scripts allow-same-origin allow-forms allow-top-navigation", '', false],
]
for (const [policy, script, runs] of strict) {
  t.test(`a page with the policy ${policy}`, { timeout: 60_000 }, async t => {
    const place = await openIdlePlace(t, { '/': answerWith({ 'content-security-policy': policy }, html(`<h1>${patient}</h1>${script}<script src="https://foreign.test/x.js"></script><script>window.foreign = 1</script>`)), '/fragment': '<p>nothing is put into this</p>' })
    const complaints = collectComplaints(place.page)
    await live(t, place, '/')
    t.same(complaints.filter(text => /'[^' ]*_sallyport[^' ]*' violates/.test(text)), [], 'none of it is about the idle script')
    await place.open('/')
    t.equal(await place.page.evaluate('window.own'), runs ? 1 : undefined, 'what the page allowed itself runs')
    t.equal(await place.page.evaluate('window.foreign'), policy.includes('unsafe-inline') ? 1 : undefined, 'what it did not allow does not')
    const names = () => place.page.evaluate(() => Object.getOwnPropertyNames(window).filter(name => name !== 'own' && name !== 'foreign'))
    const withScript = await names()
    await place.open('/fragment')
    t.same(withScript, await names(), 'no global names')
  })
}

for (const [coding, pack] of [['gzip', gzipSync], ['br', brotliCompressSync], ['zstd', zstdCompressSync]] as const) {
  t.test(`a page in ${coding}`, { timeout: 60_000 }, async t => {
    const place = await openIdlePlace(t, { '/': answerWith({ 'content-encoding': coding }, pack(Buffer.from(html(`<h1>${patient}</h1>${'<p>ä€𝄞</p>'.repeat(5000)}`)))) })
    const answer = place.page.waitForResponse(response => new URL(response.url()).pathname === '/' && response.status() === 200)
    await live(t, place, '/')
    t.equal((await answer).headers()['content-encoding'], coding, 'and it stays so')
  })
}
