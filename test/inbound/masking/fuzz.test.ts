// Whatever an answer is made of: no planted value is left where a rule hides it, the rest is not touched, and nothing throws.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { maskingOf, maskWith, type Rules } from '../../support/mask-with.ts'

const secret = 'Zq7-SECRET-9x'
const rules: Rules = [
  { records: ['patient'], fields: ['**.secret'], selectors: ['.secret'], action: 'hide' },
  { records: ['patient'], fields: ['**.masked'], selectors: ['.masked'], action: 'mask', as: 'ssn' },
]
const room = maskingOf(rules)
const runs = { numRuns: 400 }

const see = async (body: string, type: string) => (await maskWith(room, body, { type })).body
/** Of so many answers some have to go out: where all are refused, nothing was looked at. */
function createWatch (type: string) {
  let shown = 0
  return {
    async holds (body: string): Promise<boolean> {
      const seen = await see(body, type)
      if (seen !== 'masking.unreadable') shown += 1
      return holds(seen)
    },
    requireShown (t: Test, least: number) { t.ok(shown >= least, `${shown} went out`) },
  }
}
/** Refused, or without the value, in no spelling that a reader would undo. */
function holds (seen: string): boolean {
  const plain = seen.replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_all, hexadecimal?: string, decimal?: string) => String.fromCodePoint(hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)))
  return !plain.toLowerCase().replace(/[^a-z0-9]/g, '').includes('zq7secret9x')
}

const name = fc.oneof(fc.constantFrom('secret', 'masked', 'a', 'b', 'data', ''), fc.string({ maxLength: 6 }))
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(entries => Object.fromEntries(entries))),
}))

/** Plants the value in whatever lies under a masked name, deep down too. */
function plant (here: unknown, isMasked: boolean): unknown {
  if (Array.isArray(here)) return here.map(item => plant(item, isMasked))
  if (typeof here === 'object' && here !== null) return Object.fromEntries(Object.entries(here).map(([key, inner]) => [key, plant(inner, isMasked || key === 'secret' || key === 'masked')]))
  return isMasked ? secret : here
}

/** What should be left. */
function expect (here: unknown, isMasked: boolean): unknown {
  if (Array.isArray(here)) return here.map(item => expect(item, isMasked))
  if (typeof here === 'object' && here !== null) return Object.fromEntries(Object.entries(here).filter(([key]) => key !== 'secret').map(([key, inner]) => [key, expect(inner, isMasked || key === 'masked')]))
  return isMasked ? '[ssn]' : here
}

t.test('JSON: nothing planted is left, everything else is as it was, escaped or not', async t => {
  await fc.assert(fc.asyncProperty(value, fc.boolean(), fc.constantFrom(undefined, 2), async (made, isEscaped, space) => {
    const root = { row: made }
    const text = JSON.stringify(plant(root, false), undefined, space)
    const body = isEscaped ? text.replaceAll('SECRET', '\\u0053ECRET').replaceAll('"masked"', '"m\\u0061sked"') : text
    const seen = await see(body, 'application/json')
    if (!holds(seen)) return false
    const hasDataNames = /redacted-\d/.test(seen)
    return hasDataNames || JSON.stringify(JSON.parse(seen)) === JSON.stringify(expect(root, false))
  }), runs)
  t.pass()
})

t.test('broken JSON, XML, CSV and pages: refused or masked, never thrown', async t => {
  const bytes = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '<', '>', '/', '&', ';', '!', '-', '=', ' ', '\n', 'secret', 'masked', 'class=secret', 'b', 'td', 'table', 'script', 'style', 'template', '<!--', '-->', '<![CDATA[', secret, '&#x5a;', '\u0000', '\ufeff', '\ud800'), { maxLength: 40 })
  for (const type of ['application/json', 'application/x-ndjson', 'application/xml', 'text/csv', 'text/html']) {
    await fc.assert(fc.asyncProperty(bytes, async parts => typeof await see(parts.join(''), type) === 'string'), runs)
  }
  t.pass()
})

t.test('XML: nothing planted is left, in elements, attributes, CDATA and pieces of text', async t => {
  const written = fc.constantFrom(secret, `<![CDATA[${secret}]]>`, 'Zq7-<!-- x -->SECRET-9x', '&#90;q7-SECRET-9x', `<i>${secret}</i>`, `<i a="${secret}"/>`)
  const { element } = fc.letrec<{ element: string }>(tie => ({
    element: fc.oneof({ maxDepth: 4 },
      fc.constantFrom('text', '<a/>', '<a x="1">y</a>'),
      fc.tuple(fc.constantFrom('secret', 'masked', 'n:secret'), written).map(([tag, text]) => `<${tag}${tag.startsWith('n:') ? ' xmlns:n="urn:x"' : ''}>${text}</${tag}>`),
      written.filter(text => text === secret).map(text => `<a secret="${text}" masked='${text}'>ok</a>`),
      fc.array(tie('element'), { maxLength: 4 }).map(parts => `<row>${parts.join('')}</row>`)),
  }))
  const watch = createWatch('application/xml')
  await fc.assert(fc.asyncProperty(element, async inner => await watch.holds(`<root>${inner}</root>`)), runs)
  watch.requireShown(t, 100)
})

t.test('CSV: nothing planted is left, whatever the separator and the quotes', async t => {
  const cell = fc.oneof(fc.constantFrom('x', '', '1', 'a;b', 'a,b', 'say ""no""', 'two\nlines'), fc.string({ maxLength: 8 }).map(text => text.replaceAll('"', '""')))
  const row = fc.tuple(cell, cell, cell)
  const watch = createWatch('text/csv')
  await fc.assert(fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('\n', '\r\n'), async (rows, separator, line) => {
    const quoted = (text: string) => `"${text}"`
    const body = [['name', 'secret', 'my masked', 'other'].join(separator), ...rows.map(([one, two, three]) => [one, secret, secret, `${two}${three}`].map(quoted).join(separator))].join(line)
    return await watch.holds(body)
  }), runs)
  watch.requireShown(t, 100)
})

t.test('HTML: nothing planted is left where a selector finds it, and nowhere else on the page', async t => {
  const field = fc.constantFrom(
    `<b class=secret>${secret}</b>`, `<td class="masked x">${secret}</td>`, '<p class=secret><i>Zq7</i>-SECRET-<u>9x</u></p>', '<b class=\'secret\'>&#90;q7&#x2d;SECRET-9x</b>',
    `<input class=masked value="${secret}">`, `<textarea class=secret>${secret}</textarea>`, `<a class=secret href="/p/${secret}" title='${secret}'>${secret}</a>`)
  const around = fc.constantFrom(
    '', 'text', '<p>', '</p>', '<table>', '<tr>', '</table>', '<div title=x>', '<!-- note -->', `<!-- ${secret} -->`, `<p>see ${secret}!</p>`, `<i data-x="${secret}">`, `<script>var s = "${secret}"</script>`, '<script>var s = \'\\x5aq7-SECRET-9x\'</script>',
    `<style>.a{content:"${secret}"}</style>`, `<title>${secret}</title>`, `<template><b>${secret}</b></template>`, `<svg><text>${secret}</text></svg>`, '<select><option>', '<noscript>', `<noscript>${secret}</noscript>`, '<b><i></b>', '<form>', `</p ${secret}>`)
  const watch = createWatch('text/html')
  await fc.assert(fc.asyncProperty(fc.array(around, { maxLength: 6 }), field, fc.array(around, { maxLength: 6 }), fc.boolean(), async (before, middle, after, isWhole) => {
    const inner = [...before, middle, ...after].join('')
    return await watch.holds(isWhole ? `<!doctype html><html><body>${inner}</body></html>` : inner)
  }), { numRuns: 1000 })
  watch.requireShown(t, 100)
})
