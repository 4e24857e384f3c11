import t from 'tap'
import { remember, rememberByObject } from '../../src/shared/remember.ts'

t.test('a text is worked on once, and anew after the memory was full', async t => {
  const worked: string[] = []
  const upper = remember(text => { worked.push(text); return text.toUpperCase() }, { limit: 2 })
  t.same(['a', 'b', 'a', 'b'].map(upper), ['A', 'B', 'A', 'B'])
  t.same(worked, ['a', 'b'])
  t.equal(upper('c'), 'C')
  t.equal(upper('a'), 'A')
  t.same(worked, ['a', 'b', 'c', 'a'], 'the third text made it forget')
})

t.test('long texts take no memory', async t => {
  let worked = 0
  const measure = remember(text => { worked += 1; return text.length }, { limit: 10, longest: 3 })
  t.same(['abcd', 'abcd'].map(measure), [4, 4])
  t.equal(worked, 2)
})

t.test('names that every object has are texts like any other', async t => {
  const echo = remember(text => `<${text}>`, { limit: 10 })
  t.same(['__proto__', 'constructor', '__proto__'].map(echo), ['<__proto__>', '<constructor>', '<__proto__>'])
})

t.test('an object is worked on once, another that looks the same is another', async t => {
  let worked = 0
  const name = rememberByObject((person: { readonly name: string }) => { worked += 1; return person.name })
  const nurse = { name: 'nurse' }
  t.same([name(nurse), name(nurse), name({ ...nurse })], ['nurse', 'nurse', 'nurse'])
  t.equal(worked, 2)
})
