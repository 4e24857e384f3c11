// Our own pages: what they say, and that nothing that is put into them becomes markup, script or a header.
import { createHash } from 'node:crypto'
import t from 'tap'
import fc from 'fast-check'
import { createPagesRoom, type EndCause, type Page } from '../../../src/inbound/pages/pages.ts'

const pages = createPagesRoom({ name: 'Harbor Clinic', idleTimeoutMs: 900_000, absoluteTimeoutMs: 43_200_000 })
const refusal = { status: 403, code: 'access.notAllowed', publicText: 'Your role does not open this page. Ask your administrator.', requestId: 'AbC-_123defGHI45' }
const causes: readonly EndCause[] = ['idle', 'absolute', 'signedOut', 'idpLogout', 'revoked', 'policy', 'replaced', 'moved']
const form = { action: 'https://idp.example/sso?tenant=1', fields: { SAMLRequest: 'PHNhbWw+', RelayState: 'r' } }

const directives = (page: Page) => new Map((page.headers['content-security-policy'] ?? '').split('; ').map(text => {
  const [name = '', ...sources] = text.split(' ')
  return [name, sources] as const
}))
const inner = (page: Page, tag: string) => [...page.body.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(match => match[1] ?? '')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const every: Readonly<Record<string, Page>> = {
  refusal: pages.refusal(refusal, 'html'),
  failure: pages.refusal({ ...refusal, status: 503, code: 'audit.unavailable', retryAfterSeconds: 2 }, 'html'),
  confirmSignOut: pages.confirmSignOut('Front Desk'),
  autoPost: pages.autoPost(form),
  ...Object.fromEntries(causes.map(cause => [`signedOut ${cause}`, pages.signedOut(cause, true)])),
}

t.test('every page: strict headers, one inline style allowed by its hash, nothing else', async t => {
  for (const [name, page] of Object.entries(every)) {
    const policy = directives(page)
    t.same(policy.get('default-src'), ["'none'"], name)
    t.same(policy.get('base-uri'), ["'none'"])
    t.same(policy.get('frame-ancestors'), ["'none'"])
    t.same(policy.get('style-src'), inner(page, 'style').map(hash), 'the style in the page is the one in the header')
    t.notMatch(page.headers['content-security-policy'], /unsafe|\*/)
    t.match(page.headers, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    })
    t.equal(page.headers['referrer-policy'], name === 'confirmSignOut' ? 'same-origin' : 'no-referrer')
    if (name.startsWith('signedOut')) t.same(policy.get('script-src'), inner(page, 'script').map(hash), 'the one script in the page is the one in the header')
    else if (name !== 'autoPost') t.same([policy.has('script-src'), inner(page, 'script')], [false, []], 'no script')
  }
})

t.test('every page: a language, a viewport, one main, one heading, and nothing from outside', async t => {
  for (const [name, page] of Object.entries(every)) {
    t.match(page.body, /^<!doctype html>\n<html lang="en">/, name)
    t.match(page.body, /<meta name="viewport" content="width=device-width, initial-scale=1">/)
    t.equal(page.body.match(/<h1>/g)?.length, 1)
    t.equal(page.body.match(/<main>/g)?.length, 1)
    t.match(page.body, /<title>[^<]+ · Harbor Clinic<\/title>/)
    const addresses = [...page.body.matchAll(/(?:src|href|action)="([^"]*)"/g)].map(match => match[1] ?? '')
    for (const address of addresses) t.ok(/^(?:\/|data:image|$)/.test(address) || address === form.action, `${name}: ${address.slice(0, 40)}`)
    t.notMatch(page.body, /@import|url\(/)
  }
})

t.test('a refusal says what to do and which request it was', async t => {
  const page = pages.refusal(refusal, 'html')
  t.equal(page.status, 403)
  t.match(page.body, 'Your role does not open this page. Ask your administrator.')
  t.match(page.body, '<code>AbC-_123defGHI45</code>')
  t.same(directives(page).get('form-action'), ["'none'"])
  t.notOk('retry-after' in page.headers)
  t.match(pages.refusal({ ...refusal, status: 401, code: 'session.idle' }, 'html').body, 'href="/_sallyport/sign-in"')
  t.match(pages.refusal({ ...refusal, status: 503, code: 'audit.unavailable', retryAfterSeconds: 1.2 }, 'html').headers, { 'retry-after': '2' })
  t.match(pages.refusal({ ...refusal, code: 'saml.replayed' }, 'html').body, /<h1>You were not signed in<\/h1>[^]*href="\/_sallyport\/sign-in">Sign in</)
  t.match(pages.refusal({ ...refusal, code: 'inbound.foreignSignOut' }, 'html').body, /<h1>You were not signed out<\/h1>[^]*href="\/_sallyport\/sign-out"/)
  t.equal(pages.refusal({ ...refusal, status: 418, code: 'x.y' }, 'html').status, 418, 'a status without a title of its own')
})

t.test('for programs: problem JSON as RFC 9457 says', async t => {
  const page = pages.refusal({ ...refusal, status: 503, code: 'audit.unavailable', retryAfterSeconds: 1 }, 'json')
  t.equal(page.status, 503)
  t.match(page.headers, { 'content-type': 'application/problem+json', 'retry-after': '1', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" })
  t.same(JSON.parse(page.body), {
    type: 'urn:sallyport:problem:audit.unavailable', title: 'Not available right now', status: 503, detail: refusal.publicText, instance: refusal.requestId, code: 'audit.unavailable',
  })
})

t.test('401 names a challenge that no browser turns into a password prompt', async t => {
  for (const wants of ['html', 'json'] as const) {
    t.equal(pages.refusal({ ...refusal, status: 401, code: 'session.missing' }, wants).headers['www-authenticate'], 'Cookie realm="sallyport"')
    t.notOk('www-authenticate' in pages.refusal(refusal, wants).headers)
  }
})

t.test('signed out: every cause has words of its own and a way back', async t => {
  const texts = causes.map(cause => inner(pages.signedOut(cause, true), 'main')[0] ?? '')
  t.equal(new Set(texts).size, causes.length)
  for (const text of texts) t.match(text, '<a class="key" href="/_sallyport/sign-in">Sign in again</a>')
  t.match(pages.signedOut('idle', true).body, 'Nothing was done for 15 minutes')
  t.match(pages.signedOut('absolute', true).body, 'You signed in 12 hours ago')
})

t.test('durations are said as a person would', async t => {
  for (const [ms, words] of [[30_000, '30 seconds'], [60_000, '1 minute'], [90_000, '90 seconds'], [3_600_000, '1 hour'], [500, '1 second']] as const) {
    t.match(createPagesRoom({ idleTimeoutMs: ms }).signedOut('idle', true).body, `Nothing was done for ${words},`)
  }
  t.match(createPagesRoom().signedOut('idle', true).body, 'Nothing was done for a while,')
})

t.test('sign-out is a POST of our own, so that no link and no picture signs anybody out', async t => {
  const page = pages.confirmSignOut('Front Desk')
  t.match(page.body, '<form method="post" action="/_sallyport/sign-out">')
  t.match(page.body, '<bdi>Front Desk</bdi>')
  t.same(directives(page).get('form-action'), ["'self'", 'https:'])
  t.notMatch(pages.confirmSignOut('').body, 'signed in as')
})

t.test('the form to the IdP: its action, one script by its hash, a button without scripts', async t => {
  const page = pages.autoPost(form)
  t.same(directives(page).get('form-action'), ['https://idp.example/sso', 'https:'])
  t.same(directives(page).get('script-src'), inner(page, 'script').map(hash))
  t.equal(inner(page, 'script').length, 1)
  t.match(page.body, '<input type="hidden" name="SAMLRequest" value="PHNhbWw+">')
  t.match(page.body, '<button class="key" type="submit">Continue</button>')
  t.same(directives(pages.autoPost({ action: 'http://[::1]:8080/a;b,c', fields: {} })).get('form-action'), ['http://[::1]:8080/a%3Bb%2Cc', 'https:'])
})

t.test('a refusal says what its number is for', async t => {
  t.match(pages.refusal(refusal, 'html').body, /If you ask for help, give the request number/)
})

t.test('a form is sent to nothing but http and https', async t => {
  for (const action of ['javascript:alert(1)', 'data:text/html,x', '/relative', '', 'file:///etc/passwd']) {
    t.throws(() => pages.autoPost({ action, fields: {} }), TypeError, action)
  }
})

t.test('whatever is put in stays text, and never reaches a header', async t => {
  const structure = (page: Page) => page.body.match(/<[a-z/!][^\s>]*/gi)?.join(' ')
  const plain = { refusal: structure(pages.refusal(refusal, 'html')), confirm: structure(pages.confirmSignOut('x')), post: structure(pages.autoPost({ action: form.action, fields: { a: 'b' } })) }
  const nasty = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' autofocus onfocus=alert(1) '", '</style><h1>', 'a\r\nSet-Cookie: x=1', '\u0000<b>', '`onclick=x`'))
  const property = fc.property(nasty, text => {
    const shown = pages.refusal({ ...refusal, publicText: text, requestId: text, code: `x.${text}` }, 'html')
    const posted = pages.autoPost({ action: form.action, fields: { [text]: text } })
    const confirmed = pages.confirmSignOut(text)
    const named = createPagesRoom({ name: text }).refusal({ ...refusal, code: 'x.y' }, 'html')
    const usual = structure(pages.refusal({ ...refusal, code: 'x.y' }, 'html'))
    return structure(shown) === usual && structure(named) === usual && structure(confirmed) === plain.confirm && structure(posted) === plain.post &&
      [shown, posted, confirmed, named].every(page => Object.values(page.headers).every(value => /^[\x20-\x7E]*$/.test(value))) &&
      JSON.parse(pages.refusal({ ...refusal, publicText: text }, 'json').body).detail === text
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 300 }))
})
