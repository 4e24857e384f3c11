// Values that stand in a page where no selector reaches: in data and markup inside of scripts, attributes, comments; and pages inside of data.
import t from 'tap'
import { maskingOf, maskWith, type Rules } from '../../support/mask-with.ts'

const rules: Rules = [
  { records: ['patient'], fields: ['**.ssn'], selectors: ['.ssn', 'input[name=ssn]'], action: 'last4', as: 'ssn' },
  { records: ['patient'], fields: ['**.diagnosis'], selectors: ['td.diagnosis'], action: 'hide' },
]
const see = async (body: string, type = 'text/html; charset=utf-8', more: Rules = rules) => (await maskWith(maskingOf(more), body, { type })).body

t.test('data in a page is masked by its fields', async t => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['<script type="application/json">{"p":[{"ssn":"900-12-3456","diagnosis":{"code":"F32.1"},"n":1}]}</script>', '<script type="application/json">{"p":[{"ssn":"***3456","n":1}]}</script>'],
    ['<b data-p=\'{"ssn":"900-12-3456"}\'>', '<b data-p="{&quot;ssn&quot;:&quot;***3456&quot;}">'],
    ['<textarea>{"ssn":"900-12-3456"}</textarea>', '<textarea>{"ssn":"***3456"}</textarea>'],
    ['<script>var a = {"ssn": "900-12-3456", n: 1}</script>', '<script>var a = {"ssn": "***3456", n: 1}</script>'],
    ['<script>var a = { ssn: \'900-12-3456\', diagnosis:"F32.1", x: 2 }</script>', '<script>var a = { ssn: \'***3456\', diagnosis:"", x: 2 }</script>'],
    ['<script>load("{\\"ssn\\":\\"900-12-3456\\",\\"n\\":1}")</script>', '<script>load("{\\"ssn\\":\\"***3456\\",\\"n\\":1}")</script>'],
    ['<script>a = {"ssn":900123456}</script>', '<script>a = {"ssn":null}</script>'],
    [')]}\',\n{"ssn":"900-12-3456"}', ')]}\',\n{"ssn":"***3456"}'], ['cb({"ssn":"900-12-3456"})', 'cb({"ssn":"***3456"})'],
    ['<script>var labels = {"ssnLabel":"Number"}, y = a.ssn ? "x" : "z"</script>', '<script>var labels = {"ssnLabel":"Number"}, y = a.ssn ? "x" : "z"</script>'],
  ]
  for (const [page, seen] of cases) t.equal(await see(page), seen)
})

t.test('a page in a page is masked by selectors, and what cannot be goes', async t => {
  const field = '<b class=ssn>900-12-3456</b>'
  const cases: ReadonlyArray<readonly [string, string]> = [
    [`<iframe srcdoc="${field}"></iframe>`, '<iframe srcdoc="&lt;b class=ssn&gt;***3456&lt;/b&gt;"></iframe>'],
    [`<script type="text/template">${field}</script>`, '<script type="text/template"><b class=ssn>***3456</b></script>'],
    [`<p>a</p><!-- <p>old</p>${field} -->`, '<p>a</p>'], ['<!-- {"ssn":"900-12-3456"} -->x', 'x'], ['<!-- menu --><p>a</p>', '<!-- menu --><p>a</p>'],
  ]
  for (const [page, seen] of cases) t.equal(await see(page), seen)
  const nested = (depth: number): string => depth === 0 ? field : `<iframe srcdoc='${nested(depth - 1).replaceAll('&', '&amp;').replaceAll('\'', '&#39;')}'></iframe>`
  t.notMatch(await see(nested(2)), '900-12')
  t.equal(await see(nested(8)), 'masking.unreadable', 'deeper than anybody nests them')
})

t.test('a page in data is masked by selectors too', async t => {
  const answer = '{"content":"<table><tr><td class=\\"diagnosis\\">F32.1<\\/td><\\/tr><\\/table><b class=ssn>900-12-3456</b>","n":1}'
  for (const type of ['application/json', 'text/html']) t.equal(await see(answer, type), '{"content":"<table><tr><td class=\\"diagnosis\\"></td></tr></table><b class=ssn>***3456</b>","n":1}', type)
  t.equal(await see('{"note":"<p>fine</p>","a":"1 < 2"}', 'application/json'), '{"note":"<p>fine</p>","a":"1 < 2"}')
  const blind: Rules = [{ records: ['patient'], fields: ['**.ssn'], action: 'hide' }]
  t.equal(await see('{"content":"<html><body>900-12-3456</body></html>"}', 'application/json', blind), 'masking.unreadable', 'a whole page, and no rule says where its fields are')
  t.equal(await see('{"note":"<p>fine</p>"}', 'application/json', blind), '{"note":"<p>fine</p>"}')
})

t.test('a page in characters of two bytes, whatever its type says, is refused', async t => {
  const room = maskingOf(rules)
  const plan = room.planFor({ roles: ['desk'], needsAll: false, records: [{ type: 'patient', kind: 'read' }], target: { method: 'GET', foldedPath: '/x' } })?.enforced
  if (plan === undefined) throw new Error('no plan')
  for (const bytes of [Buffer.from('<b class=ssn>900-12-3456</b>', 'utf16le'), Buffer.from('\ufeff<b class=ssn>900-12-3456</b>', 'utf16le'), Buffer.from('<b class=ssn>900-12-3456</b>', 'utf16le').swap16()]) {
    for (const charset of ['', '; charset=iso-8859-1', '; charset=utf-8']) t.match(await room.mask({ statusCode: 200, headers: { 'content-type': `text/html${charset}` } }, bytes, { plan }), { refused: 'masking.unreadable' })
  }
})
