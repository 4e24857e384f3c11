// Which names of fields may be shown. A name that looks like data, is another field's value, or stands in something that is keyed by data becomes `*`, together with its like.
import { isDataName } from '../engine.ts'
import { itemName } from '../path-pattern.ts'
import { isFieldName } from './field-words.ts'
import { createShape, mostDifferent, type Shape, type Surveyed } from './survey.ts'

export interface Fields {
  readonly shape: Shape
  /** `*` for names that are not shown. */
  readonly name: string
  readonly children: readonly Fields[]
  /** Different names that stand behind a `*`. */
  readonly names: number
  /** Some of them would pass as names of fields, so what they name has to go with them. */
  readonly isTakenOut: boolean
}

const fewest = 3
const oftenEnough = 0.5
const manyNames = 8
const seldom = 0.25

function merge (into: Shape, from: Shape): void {
  into.values += from.values
  into.containers += from.containers
  into.present += from.present
  into.longest = Math.max(into.longest, from.longest)
  into.digits = Math.max(into.digits, from.digits)
  into.isNegative ||= from.isNegative
  for (const type of from.types) into.types.add(type)
  for (const [format, count] of from.formats) into.formats.set(format, (into.formats.get(format) ?? 0) + count)
  for (const digest of from.different) if (into.different.size <= mostDifferent) into.different.add(digest)
  for (const [name, child] of from.children) {
    const own = into.children.get(name) ?? createShape(name)
    into.children.set(name, own)
    merge(own, child)
  }
}

const keysOf = ({ children }: Shape): string => [...children.keys()].sort().join('\n')

/** Whether names stand for things here and not for what is said of one: all of one build, or nearly each of them another. */
function isKeyedByData (children: readonly Shape[], times: number): boolean {
  const isSteady = times >= fewest && children.every(({ present }) => present >= times * oftenEnough)
  if (isSteady || children.length < fewest) return false
  const first = children[0] as Shape
  if (first.children.size > 0 && children.every(child => keysOf(child) === keysOf(first))) return true
  const counts = children.map(({ present }) => present).sort((one, other) => one - other)
  return children.length >= manyNames && times > fewest && (counts[counts.length >> 1] as number) < times * seldom
}

interface Judging { readonly surveyed: Surveyed, readonly times: number, readonly isStrict: boolean }

function isShown ({ name, present }: Shape, { surveyed, times, isStrict }: Judging): boolean {
  if (isFieldName(name)) return true
  return !isStrict && !surveyed.isValue(name) && present >= fewest && present >= times * oftenEnough
}

function foldChildren (parent: Shape, surveyed: Surveyed): readonly Fields[] {
  const all = [...parent.children.values()].filter(({ name }) => name !== itemName)
  // Fields of a form or a CSV stand in nothing that is entered.
  const times = parent.containers === 0 ? surveyed.messages : parent.containers
  const harmless = all.filter(({ name }) => !isDataName(name))
  const judging = { surveyed, times, isStrict: harmless.length < all.length }
  const shown = new Set(isKeyedByData(all, times) ? [] : harmless.filter(child => isShown(child, judging)))
  const hidden = all.filter(child => !shown.has(child))
  const items = parent.children.get(itemName)
  const named = [...(items === undefined ? [] : [items]), ...shown].map(child => fold(child, child.name, surveyed))
  if (hidden.length === 0) return named
  const together = createShape('*')
  for (const child of hidden) merge(together, child)
  const isTakenOut = hidden.some(child => harmless.includes(child))
  return [...named, { ...fold(together, '*', surveyed), names: hidden.length, isTakenOut }]
}

function fold (shape: Shape, name: string, surveyed: Surveyed): Fields {
  return { shape, name, children: foldChildren(shape, surveyed), names: 0, isTakenOut: false }
}

export function foldNames (surveyed: Surveyed): Fields {
  return fold(surveyed.root, '', surveyed)
}
