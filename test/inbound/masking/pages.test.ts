// HTML by selector: at its place in the source, in the rest of the page, and never by half.
import t from 'tap'
import { maskingOf, maskWith, type Rules } from '../../support/mask-with.ts'

const rules: Rules = [
  { records: ['patient'], fields: ['**.ssn'], selectors: ['.ssn', 'input[name=ssn]'], action: 'last4', as: 'ssn' },
  { records: ['patient'], fields: ['**.diagnosis'], selectors: ['td.diagnosis'], action: 'hide' },
]
const html = 'text/html; charset=utf-8'
const see = async (page: string, more: Rules = rules) => (await maskWith(maskingOf(more), page, { type: html })).body

t.test('what a selector finds is masked, every other byte stays', async t => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['<!DOCTYPE html>\n<p  CLASS=x>Ann &amp; Ben</P>\r\n<b class="ssn">900-12-3456</b><br/>', '<!DOCTYPE html>\n<p  CLASS=x>Ann &amp; Ben</P>\r\n<b class="ssn">***3456</b><br/>'],
    ['<td class=ssn> <i>900</i>-<i>12</i>-3456 </td>', '<td class=ssn> <i>***3456</i><i></i></td>'],
    ['<tr><td class="diagnosis">F32.1 <b>severe</b></td><td>ok</td>', '<tr><td class="diagnosis"><b></b></td><td>ok</td>'],
    ['<input name=ssn value="900-12-3456" class=a>', '<input name=ssn value="***3456" class=a>'],
    ['<b class=ssn>&#57;00-12-3456</b>', '<b class=ssn>***3456</b>'],
    ['<b class=ssn>900-12-3456<!-- 900-12-3456 --></b>', '<b class=ssn>***3456</b>'],
    ['<table><tr><td class=ssn>900-12-3456</table>', '<table><tr><td class=ssn>***3456</table>'],
    ['<template><b class=ssn>900-12-3456</b></template>', '<template><b class=ssn>***3456</b></template>'],
    ['<p>nothing here', '<p>nothing here'],
  ]
  for (const [page, seen] of cases) t.equal(await see(page), seen)
})

t.test('what was masked is gone from the rest of the page too', async t => {
  const field = '<b class=ssn>900-12-3456</b>'
  const gone = '<b class=ssn>***3456</b>'
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['<title>Ann, 900-12-3456</title>', '<title>Ann, [ssn]</title>'],
    ['<!-- ssn 900123456 -->', ''],
    ['<a title="SSN 900 12 3456" href="/p?ssn=900123456">Ann</a>', '<a title="SSN [ssn]" href="/p?ssn=[ssn]">Ann</a>'],
    ['<i data-n=\'900-12-3456\'></i>', '<i data-n="[ssn]"></i>'],
    ['<p id=s900-12-3456>', '<p id="s[ssn]">'],
    ['<script>var p = {"ssn":"900-12-3456","n":1}</script>', '<script>var p = {"ssn":"***3456","n":1}</script>'],
    ['<script>var p = \'\\u0039\\x300-12-3456\', q = 900123456</script>', '<script>var p = \'[ssn]\', q = [ssn]</script>'],
    ['<noscript><p>900-12-3456</p></noscript>', '<noscript><p>[ssn]</p></noscript>'],
    ['<template><p>900-12-3456</p></template>', '<template><p>[ssn]</p></template>'],
    ['<svg><desc>900-12-3456</desc></svg>', '<svg><desc>[ssn]</desc></svg>'],
  ]
  for (const [rest, left] of cases) {
    t.equal(await see(rest + field), left + gone)
    t.equal(await see(field + rest), gone + left)
  }
  t.equal(await see('<style>.stroke{}</style><script>c.stroke("stroke")</script><table><td class=diagnosis>Stroke</td></table><p>Stroke</p>'),
    '<style>.stroke{}</style><script>c.stroke("[redacted]")</script><table><td class=diagnosis></td></table><p>[redacted]</p>', 'a word that a program has by itself')
})

t.test('what lies where the parser drops or moves it does not go out', async t => {
  const field = '<b class=ssn>900-12-3456</b>'
  for (const page of [`${field}</p x="900-12-3456">`, `${field}<i title=a title="900-12-3456">`, `<!doctype html>${field}<!doctype x "900-12-3456">`, `<select><option>${field}</select>`, '<!doctype html><td class=ssn>900-12-3456']) t.equal(await see(page), 'masking.unreadable', page)
})

t.test('a page that is nested deeper than any is refused at once', async t => {
  t.equal(await see('<div>'.repeat(100_000)), 'masking.unreadable')
})

t.test('a page is refused when a rule says no selector; data that calls itself a page is read as data', async t => {
  t.equal(await see('<p>x</p>', [{ records: ['patient'], fields: ['**.ssn'], action: 'hide' }]), 'masking.unreadable')
  t.equal(await see('{"ssn":"900-12-3456"}'), '{"ssn":"***3456"}')
  t.equal(await see(' [{"ssn":"900-12-3456"}'), 'masking.unreadable')
  t.equal((await maskWith(maskingOf(rules), '<p>900</p>', { type: 'text/plain' })).body, 'masking.unreadable')
  t.equal((await maskWith(maskingOf(rules), '<p>\xff</p>', { type: 'text/html; charset=windows-1251' })).body, 'masking.unreadable')
})

t.test('exceptions, several roles, and a selector that is none', async t => {
  const more: Rules = [
    { records: ['patient'], fields: ['x'], selectors: ['.city'], action: 'show' },
    { records: ['patient'], roles: ['desk'], fields: ['address'], selectors: ['.address'], action: 'hide' },
    { records: ['patient'], roles: ['billing'], fields: ['address'], selectors: ['.address'], action: 'mask', as: 'address' },
  ]
  const page = '<p class=address>1 Main Street <b class=city>Springfield</b> 62704</p>'
  const room = maskingOf(more)
  t.equal((await maskWith(room, page, { type: html })).body, '<p class=address><b class=city>Springfield</b></p>')
  t.equal((await maskWith(room, page, { type: html, roles: ['desk', 'billing'] })).body, '<p class=address>[address]<b class=city>Springfield</b></p>')
  t.equal((await maskWith(room, page, { type: html, roles: ['desk', 'nurse'] })).body, 'unmasked')
  t.throws(() => maskingOf([{ records: ['patient'], fields: ['x'], selectors: ['td['], action: 'hide' }]), { message: /rules\.0\.selectors\.0/ })
})

t.test('what somebody writes into a page to make it slow takes no longer than other pages', async t => {
  const names = Array.from({ length: 100 }, (_, index) => `Person Number${index}xyz`)
  const rows = names.map(name => `<tr><td class="diagnosis">${name}</td></tr>`).join('')
  const long = 'one long note with 7 words '.repeat(8000)
  const began = process.cpuUsage()
  const many = await see(`<table>${rows}</table><p>${'quick brown words '.repeat(12_000)}${names.join(' and ')}</p>`)
  t.notMatch(many, /Number\d/, 'a hundred values in one long text')
  t.match(many, /quick brown words/, 'of which the rest stays')
  t.equal(await see(`<!--a-->${'<!--a-->'.repeat(5000)}<div>x</div>`), `<!--a-->${'<!--a-->'.repeat(5000)}<div>x</div>`, 'comments before a piece of a page')
  t.match(await see(`<table><tr><td class="diagnosis">${long}</td></tr></table><p title="so: ${long}">x</p>`), /<td class="diagnosis"><\/td><\/tr><\/table><p title="so: \[\w+\] ?">x<\/p>$/, 'a long value, twice')
  const used = process.cpuUsage(began)
  t.ok(used.user + used.system < 5_000_000, `${used.user + used.system} µs`)
})
