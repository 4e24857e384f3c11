// Paths of a policy: one spelling, the first rule wins, and no name of a message can reach a rule that was not meant for it.
import fc from 'fast-check'
import t from 'tap'
import { compilePaths, itemName, parsePathPattern, type Step } from '../../src/phi/path-pattern.ts'

function compile (...patterns: readonly string[]) {
  return compilePaths(patterns.map(pattern => {
    const steps = parsePathPattern(pattern)
    if (typeof steps === 'string') throw new TypeError(`${pattern}: ${steps}`)
    return { steps, value: pattern }
  }))
}

function find (patterns: readonly string[], names: readonly string[]): string | undefined {
  let state = compile(...patterns)
  for (const name of names) state = state.next(name)
  return state.value
}

t.test('a pattern is names, lists, any name and any rest', async t => {
  t.same(parsePathPattern('contact.emails[].value'), [{ name: 'contact' }, { name: 'emails' }, { name: itemName }, { name: 'value' }])
  t.same(parsePathPattern('[].a'), [{ name: itemName }, { name: 'a' }])
  t.same(parsePathPattern('properties."hs.lead \\"x\\"".*'), [{ name: 'properties' }, { name: 'hs.lead "x"' }, { any: true }])
  t.same(parsePathPattern('**.email'), [{ rest: true }, { name: 'email' }])
  for (const wrong of ['.a', 'a.', 'a..b', 'a b', 'a[0]', '"a', 'a"b"', '**.**', 'a*', '*a']) t.type(parsePathPattern(wrong), 'string', wrong)
})

t.test('the first rule of the file decides', async t => {
  t.equal(find(['a.b', 'a.*'], ['a', 'b']), 'a.b')
  t.equal(find(['a.*', 'a.b'], ['a', 'b']), 'a.*')
  t.equal(find(['**.b', 'a.b'], ['a', 'b']), '**.b')
  t.equal(find(['a.**'], ['a']), 'a.**', 'any rest includes none')
  t.equal(find(['a.**'], ['a', 'x', itemName, 'y']), 'a.**')
  t.equal(find(['a.*.c'], ['a', itemName, 'c']), undefined, 'one name is no item of a list')
  t.equal(find(['a[].c'], ['a', itemName, 'c']), 'a[].c')
  t.equal(find(['a.b'], ['a']), undefined)
  t.equal(find(['a.b'], ['a', 'b', 'c']), undefined)
})

t.test('names that mean something to JavaScript mean nothing here', async t => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) t.equal(find(['a'], [name]), undefined, name)
  t.equal(find(['__proto__.x'], ['__proto__', 'x']), '__proto__.x')
})

/** What the automaton must say, one pattern at a time. */
function fits (steps: readonly Step[], names: readonly string[]): boolean {
  const [step, ...others] = steps
  if (step === undefined) return names.length === 0
  if ('rest' in step) return fits(others, names) || (names.length > 0 && fits(steps, names.slice(1)))
  const [name, ...rest] = names
  if (name === undefined) return false
  return ('any' in step ? name !== itemName : step.name === name) && fits(others, rest)
}

t.test('the automaton says what the patterns say one by one', async () => {
  const name = fc.constantFrom('a', 'b', 'c', itemName)
  const step = fc.oneof({ weight: 4, arbitrary: name }, fc.constantFrom('*', '**'))
  const toPattern = (parts: readonly string[]) => parts.join('.').replaceAll('.[]', '[]')
  fc.assert(fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), fc.array(name, { maxLength: 6 }), (patterns, names) => {
    const valid = patterns.map(toPattern).filter(pattern => typeof parsePathPattern(pattern) !== 'string')
    const expected = valid.find(pattern => fits(parsePathPattern(pattern) as readonly Step[], names))
    return find(valid, names) === expected
  }), { numRuns: 2000 })
})
