import fc from 'fast-check'
import t from 'tap'
import { parseContent, readFromContent } from '../../../src/inbound/access/content.ts'
import { readMultipart } from '../../../src/inbound/access/multipart.ts'
import { twoWays } from '../../../src/inbound/access/fields.ts'

const boundary = '----WebKitFormBoundaryAb3_-x'
const type = `multipart/form-data; boundary=${boundary}`
const part = (head: string, content: string) => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value)
const file = (name: string, content: string) => part(`Content-Disposition: form-data; name="${name}"; filename="x-ray.png"\r\nContent-Type: image/png`, content)
const form = (...parts: readonly string[]) => `${parts.join('')}--${boundary}--\r\n`
const parse = (text: string, mediaType = type, coding?: string) => parseContent({ text: Buffer.from(text, 'utf8').toString('latin1'), type: mediaType, coding })
const read = (text: string, name: string) => {
  const content = parse(text)
  return content === undefined ? 'no form' : readFromContent(content, name)
}

t.test('fields as a browser writes them; a file is skipped', async t => {
  const text = form(field('module', 'Notes'), field('record', ''), file('uploadfile', '\u0000\u0001\r\n\r\n--no boundary\r\n'), field('name', 'Zo\u00eb\r\nB'))
  t.equal(read(text, 'module'), 'Notes')
  t.equal(read(text, 'record'), '')
  t.equal(read(text, 'name'), 'Zo\u00eb\r\nB')
  t.equal(read(text, 'action'), undefined)
  t.equal(read(text, 'uploadfile'), twoWays, 'a file is no value')
  t.equal(read(form(field('module', 'Notes')).slice(0, -2), 'module'), 'Notes', 'the last line break is not needed')
})

t.test('a field that two servers could take in two ways is no answer', async t => {
  for (const text of [
    form(field('module', 'Notes'), field('module', 'Contacts')), form(field('module', 'Notes'), field('Module', 'Contacts')), form(field('module[]', 'Notes')), form(field('module', 'Notes'), file('module', 'x')),
    form(field(' module', 'Notes')),
  ]) t.equal(read(text, 'module'), twoWays, text.slice(30, 120))
})

t.test('any other spelling is no form', async t => {
  const good = form(field('module', 'Notes'))
  t.equal(read(good, 'module'), 'Notes')
  const bad: ReadonlyArray<readonly [string, string?, string?]> = [
    [`x${good}`], [`\r\n${good}`], [`${good}x`], [good.replace('--\r\n', '\r\n')], [good.replaceAll('\r\n', '\n')], [good.replace('Content-Disposition', 'content-disposition')], [good.replace('name="module"', 'name=module')],
    [good.replace('name="module"', "name='module'")], [good.replace('name="module"', 'name="module"; name="action"')], [good.replace('name="module"', 'name="mod%22ule"')], [good.replace('name="module"', 'name*=UTF-8\'\'module')],
    [good.replace('"module"', '"module" ')], [good.replace('\r\n\r\nNotes', '\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nNotes')], [good.replace('\r\n\r\nNotes', '\r\nX: y\r\n\r\nNotes')],
    [good.replace('\r\n\r\nNotes', '\r\n folded\r\n\r\nNotes')], [form(field('a', `b--${boundary}c`))], [form(field('a', `\n--${boundary}\nContent-Disposition: form-data; name="module"`))], [form(field('_charset_', 'utf-7'))], [form()],
    [`--${boundary}\r\n\r\n\r\n--${boundary}--`], [good, `${type}; charset=utf-8`], [good, `multipart/form-data; boundary="${boundary}"`], [good, 'multipart/form-data'], [good, `multipart/form-data; boundary=${boundary}; boundary=x`],
    [good, `multipart/mixed; boundary=${boundary}`], [good, type, 'gzip'], [good.slice(0, -20)],
  ]
  for (const [text, mediaType, coding] of bad) t.equal(parse(text, mediaType, coding), undefined, JSON.stringify(text).slice(0, 160))
  t.equal(readMultipart(`--${boundary}\r\nContent-Disposition: form-data; name="\u00ff"\r\n\r\nx\r\n--${boundary}--`, type), undefined, 'a name that is no UTF-8')
})

t.test('property: what a browser writes is read back; nothing throws or takes long', async t => {
  const name = fc.stringMatching(/^[a-z_]{1,12}$/)
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'binary', maxLength: 30 })), { selector: ([one]) => one, maxLength: 8, minLength: 1 }), pairs => {
    const text = form(...pairs.map(([one, value]) => field(one, value)))
    for (const [one, value] of pairs) if (read(text, one) !== (value.includes('\0') ? twoWays : value)) throw new Error(JSON.stringify(text))
  }), { numRuns: 500 })
  const began = process.cpuUsage()
  for (const text of [`--${boundary}`.repeat(15_000), form(field('a', '\r\n'.repeat(200_000))), form(...Array.from({ length: 4000 }, (_, index) => field(`f${index}`, 'x'))), `--${boundary}\r\n${'a: b\r\n'.repeat(70_000)}`]) parse(text)
  const used = process.cpuUsage(began)
  t.ok(used.user + used.system < 2_000_000, `${used.user + used.system} µs`)
})
