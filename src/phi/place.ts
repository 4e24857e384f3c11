// Where in a message a leaf stands: the rule for it, and its path for the manifest. Names that look like data never stand in a path.
import type { Policy, Rule } from './policy.ts'
import { itemName, type PathState } from './path-pattern.ts'
import type { Spot } from './visitor.ts'

export interface Place extends Spot {
  readonly parent: Place | undefined
  /** As it may be shown; `*` for a name that could be data. */
  readonly shown: string
  readonly state: PathState<Rule>
  /** Of this leaf, or of the nearest container above that speaks for all that is in it. */
  readonly rule: Rule | undefined
  /** The name is in the policy, or it is an item of a list. */
  readonly isNamed: boolean
  /** Where parts begin that have a type of their own, seen from here. */
  readonly parts: PathState<true> | undefined
  child (name: string): Place
  /** The same place with what is below it judged by the rules of another type. */
  under (policy: Policy): Place
}

/** Rules on a container that speak for everything in it that has no rule of its own. */
const spreading = new Set(['mask', 'prose', 'drop', 'hold'])
/** Places that are remembered between messages; the names come from strangers. */
const mostPlaces = 20_000
const longestName = 64

export interface Places {
  /** The root of a message; to be asked for once a message. */
  root (): Place
}

interface Standing {
  readonly state: PathState<Rule>
  readonly parts: PathState<true> | undefined
  /** The place that it is, as another type sees it. */
  readonly same?: Place
}

/** `each`: where parts begin that have a type of their own. */
export function createPlaces (policy: Policy, isData: (name: string) => boolean, each?: PathState<true>): Places {
  let count = 0
  const create = (parent: Place | undefined, name: string, { state, parts, same }: Standing): Place => {
    const children = new Map<string, Place>()
    const byPolicy = new Map<Policy, Place>()
    const inherited = (same ?? parent)?.rule
    const isNamed = same?.isNamed ?? (name === itemName || parent === undefined || parent.state.knows(name))
    const place: Place = {
      parent,
      shown: isNamed || !isData(name) ? name : '*',
      state,
      rule: state.value ?? (inherited !== undefined && spreading.has(inherited.action) ? inherited : undefined),
      isNamed,
      parts,
      under (other) {
        let made = byPolicy.get(other)
        if (made === undefined) byPolicy.set(other, made = create(parent, name, { state: other.paths, parts: each, same: place }))
        return made
      },
      child (childName) {
        const known = children.get(childName)
        if (known !== undefined) return known
        const made = create(place, childName, { state: state.next(childName), parts: parts?.next(childName) })
        if (childName.length <= longestName) {
          count += 1
          children.set(childName, made)
        }
        return made
      },
    }
    return place
  }
  let root = create(undefined, '', { state: policy.paths, parts: each })
  return {
    root () {
      if (count > mostPlaces) {
        count = 0
        root = create(undefined, '', { state: policy.paths, parts: each })
      }
      return root
    },
  }
}

/** The path as a policy would write it; `(body)` for a message that is one value. */
export function pathOf (place: Place): string {
  const names: string[] = []
  for (let here: Place | undefined = place; here?.parent !== undefined; here = here.parent) names.unshift(here.shown)
  if (names.length === 0) return '(body)'
  return names.map((name, index) => {
    if (name === itemName) return name
    const written = name === '*' || /^[^.[\]"*\s]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`
    return index === 0 ? written : `.${written}`
  }).join('')
}
