// Long lines on a terminal: broken between words, the text under the text.
import fc from 'fast-check'
import t from 'tap'
import { wrapLine } from '../../src/cli/wrap-line.ts'

t.test('a finding goes on under its text, and its place stands alone', async t => {
  t.equal(wrapLine('gateway.yaml:17:26  one two three four five', 32), ['gateway.yaml:17:26  one two',
    '                three four five'].join('\n'), 'at most half of the terminal is left free')
  t.equal(wrapLine('gw.yaml:7:2  one two three four five', 30), ['gw.yaml:7:2  one two three', '             four five'].join('\n'))
})

t.test('a command and what it does; a sentence without a gap', async t => {
  t.equal(wrapLine('  serve   Starts the gateway and ends it', 26), ['  serve   Starts the', '          gateway and ends', '          it'].join('\n'))
  t.equal(wrapLine('One two three four', 10), ['One two', '  three', '  four'].join('\n'))
})

t.test('what fits, what goes to a program and JSON stay as they are', async t => {
  for (const [line, columns] of [['short', 80], ['x '.repeat(100), undefined], [`  "key": "${'x '.repeat(100)}"`, 80], ['', 1]] as const) t.equal(wrapLine(line, columns), line)
})

t.test('a word that is too wide stays whole', async t => {
  t.equal(wrapLine(`see ${'/path'.repeat(10)} now`, 20), `see\n  ${'/path'.repeat(10)}\n  now`)
})

t.test('property: the words and their order stay, and no line is too wide but for one word', async t => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '  ', '/'), maxLength: 30 }), { maxLength: 20 }).map(parts => parts.join(' '))
  fc.assert(fc.property(text, fc.integer({ min: 20, max: 120 }), (line, columns) => {
    const wrapped = wrapLine(line, columns)
    const words = (one: string) => one.split(/\s+/).filter(word => word !== '')
    if (words(wrapped).join(' ') !== words(line).join(' ')) throw new Error(`${JSON.stringify(line)} became ${JSON.stringify(wrapped)}`)
    for (const one of wrapped.split('\n')) if (one.trimEnd().length > columns && words(one).length > 1 && words(one).every(word => word.length < columns / 2)) throw new Error(`${JSON.stringify(one)} is wider than ${columns}`)
  }))
  t.pass('words stay')
})
