// Forms, multipart, XML and CSV through the engine: what comes out is still of its format, by the judgement of another parser, and has none of what was planted.
import { DOMParser } from '@xmldom/xmldom'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import t from 'tap'
import { redactorOf, redactWith } from '../support/phi-policy.ts'

const form = 'application/x-www-form-urlencoded'
const xml = 'text/xml; charset=utf-8'
const csv = 'text/csv'
const boundary = 'multipart/form-data; boundary="b-1"'
const keepStatus = { action: 'keep' as const, oneOf: ['new'] }

t.test('a form', async t => {
  const redactor = redactorOf([{ path: 'status', ...keepStatus }, { path: 'c.name', action: 'mask', kind: 'name' }, { path: 'tags[]', ...keepStatus }, { path: 'x', action: 'drop' }, { path: 'note', action: 'prose' }])
  t.equal(redactWith(redactor, form, 'status=new&c[name]=Jane+Roe&tags[]=new&tags%5B%5D=Jane&x=1&note=call+555-0100'), 'status=new&c[name]=%5Bname%5D&tags[]=new&tags%5B%5D=%5Bredacted%5D&note=call+%5Bphone%5D')
  t.equal(redactWith(redactor, form, 'x=1&status=new&&x'), 'status=new&&x')
  t.equal(redactWith(redactor, form, 'j.roe%40x.example=1&status=new'), 'redacted-1=%5Bredacted%5D&status=new')
  t.equal(redactWith(redactor, form, 'Jane+Roe'), 'redacted-1')
  t.equal(redactWith(redactor, form, 'a=%ff'), 'held: notForm')
  t.equal(redactWith(redactor, form, 'a=%zz'), 'held: notForm')
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'status', 'c[name]', 'note'), fc.string({ unit: 'grapheme', minLength: 1 }).map(text => `zqj${text}`))), pairs => {
    const out = redactWith(redactor, form, new URLSearchParams(pairs).toString())
    return [...new URLSearchParams(out)].length === pairs.length && (pairs.some(([name]) => name === 'note') || !out.includes('zqj')) && redactWith(redactor, form, out) === out
  }))
})

t.test('multipart', async t => {
  const redactor = redactorOf([{ path: 'status', ...keepStatus }, { path: 'note', action: 'prose' }, { path: 'gone', action: 'drop' }, { path: 'meta.status', ...keepStatus }])
  const part = (headers: string, body: string) => `--b-1\r\n${headers}\r\n\r\n${body}\r\n`
  const named = (name: string, body: string) => part(`Content-Disposition: form-data; name="${name}"`, body)
  const out = redactWith(redactor, boundary, `preamble Jane\r\n${named('status', 'new')}${named('note', 'call 555-0100')}${named('gone', 'x')}${
    part('Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\nX-Patient: Jane', '{"status":"new","n":"Jane"}')}${
    part('Content-Disposition: form-data; name="scan"; filename="jane-roe.png"\r\nContent-Type: image/png', '\x89PNG Jane')}--b-1--\r\nepilogue Jane`)
  t.equal(out, `${named('status', 'new')}${named('note', 'call [phone]')}${
    part('Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json', '{"status":"new","n":"[redacted]"}')}${
    part('Content-Disposition: form-data; name="scan"; filename="file-5"\r\nContent-Type: image/png', '[redacted]')}--b-1--\r\n`)
  t.equal(redactWith(redactor, boundary, out).replace('file-4', 'file-5'), out)
  for (const body of ['', 'x', '--b-1\r\nno header\r\n\r\nx\r\n--b-1--', `${named('a', 'x')}--b-1`, part('Content-Disposition: attachment; name="a"', 'x') + '--b-1--', part('Content-Disposition: form-data; name="a"; name="b"', 'x') + '--b-1--']) {
    t.equal(redactWith(redactor, boundary, body), 'held: notMultipart', body)
  }
  t.equal(redactWith(redactor, 'multipart/form-data', named('a', 'x')), 'held: notMultipart')
})

function isWellFormed (text: string): boolean {
  const errors: string[] = []
  const errorHandler = (_level: string, message: string) => { errors.push(message) }
  new DOMParser({ errorHandler }).parseFromString(text, 'text/xml')
  return errors.length === 0
}

t.test('XML and SOAP', async t => {
  const redactor = redactorOf([
    { path: 'Envelope.Body.notification.Lead.Status', ...keepStatus }, { path: '**.Status.@code', ...keepStatus }, { path: '**.Name', action: 'mask', kind: 'name' },
    { path: '**.Note', action: 'prose' }, { path: '**.Secret', action: 'drop' },
  ])
  const soap = (lead: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><notification><Lead>${lead}</Lead></notification></e:Body></e:Envelope>\n`
  const cases = [
    ['<s:Status  code="new">new</s:Status>', '<s:Status  code="new">new</s:Status>'],
    ['<Status code="Jane">Jane</Status>', '<Status code="[redacted]">[redacted]</Status>'],
    ['<Name>Jane <![CDATA[<Roe>]]><!-- MRN 1 -->&amp; Co</Name>', '<Name>[name]</Name>'],
    ['<Note>call <![CDATA[555]]>-0100 &lt; 7</Note>', '<Note>call [phone] &lt; 7</Note>'],
    ['<Secret><Deep a="1">Jane</Deep></Secret><Secret/>', ''],
    ['<a><!-- Jane --><?x Jane?><b/></a>', '<a><b/></a>'],
  ] as const
  for (const [lead, expected] of cases) {
    t.equal(redactWith(redactor, xml, soap(lead)), soap(expected), lead)
    t.equal(redactWith(redactor, xml, soap(expected)), soap(expected))
  }
  t.equal(redactWith(redactor, xml, '<!DOCTYPE a [<!ENTITY x "Jane">]><a>&x;</a>'), 'held: doctype')
  t.equal(redactWith(redactor, xml, '<Jane.Roe.1980.12.12/>'), 'held: elementName')
  for (const body of ['', '<a>', '<a></b>', '<a/><b/>', '<a b=1/>', '<a b="1" b="2"/>', '<a>&nbsp;</a>', 'x<a/>', '<a>]]></a>', '<a b="<"/>', '<a\u0001/>', '<a><!-- -- --></a>', '<a>&#0;</a>']) {
    t.equal(redactWith(redactor, xml, body), 'held: notXml', body)
  }
})

t.test('XML that was made at random', async () => {
  const redactor = redactorOf([{ path: '**.b', action: 'mask', kind: 'name' }, { path: '**.c', action: 'drop' }])
  const text = fc.string({ unit: fc.constantFrom('x', ' ', '&amp;', '&#x41;', '<!-- zqj -->', '<![CDATA[<zqj>]]>', '\n'), maxLength: 6 }).map(part => `zqj${part}`)
  const { node } = fc.letrec<{ node: string }>(tie => ({
    node: fc.oneof({ depthSize: 'small' }, text, fc.tuple(fc.constantFrom('a', 'b', 'c', 'n:d'), fc.array(tie('node'), { maxLength: 3 }), fc.boolean())
      .map(([name, inner, hasAttribute]) => `<${name}${hasAttribute ? ' k="zqj &lt;"' : ''}>${inner.join('')}</${name}>`)),
  }))
  fc.assert(fc.property(node, inner => {
    const out = redactWith(redactor, xml, `<r xmlns:n="urn:x">${inner}</r>`)
    return isWellFormed(out) && !out.includes('zqj') && redactWith(redactor, xml, out) === out
  }), { numRuns: 800 })
})

t.test('CSV', async t => {
  const redactor = redactorOf([{ path: '[].status', ...keepStatus }, { path: '[].name', action: 'mask', kind: 'name' }, { path: '[].note', action: 'prose' }, { path: '[].ssn', action: 'drop' }])
  t.equal(redactWith(redactor, csv, '\ufeffstatus,name,note,ssn\r\nnew,"Roe, Jane","say ""hi"", 555-0100",900-55-0101\r\n,,,\r\nJane,x,,\r\n'),
    '\ufeffstatus,name,note,ssn\r\nnew,[name],"say ""hi"", [phone]",\r\n,,,\r\n[redacted],[name],,\r\n')
  for (const body of ['status,name\nnew,Ann\nnew\n', 'status,name\nnew,"a\\",b"\n']) t.equal(redactWith(redactor, csv, body), 'held: notCsv', 'a column could be another')
  t.equal(redactWith(redactor, csv, 'Jane Roe;status\nx;new\n'), 'column-1;status\n[redacted];new\n', 'a first line of data is no header')
  t.equal(redactWith(redactor, csv, 'status\nnew,extra\nnew'), 'status\nnew,[redacted]\nnew')
  for (const body of ['status\n"new', 'status\nn"ew', 'status\n"new"x']) t.equal(redactWith(redactor, csv, body), 'held: notCsv', body)
  const cell = fc.string({ unit: fc.constantFrom('z', '"', ',', '\n', '\r\n', ';', ' '), maxLength: 5 }).map(text => `zqj${text}`)
  fc.assert(fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }), rows => {
    const write = (value: string) => `"${value.replaceAll('"', '""')}"`
    const body = ['status,name,other', ...rows.map(row => row.map(write).join(','))].join('\r\n')
    const out = redactWith(redactor, csv, body)
    const read = parse(out, { relax_column_count: false }) as string[][]
    return read.length === rows.length + 1 && !out.includes('zqj') && redactWith(redactor, csv, out) === out
  }))
})
