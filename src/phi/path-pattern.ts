// Which rule decides about which leaf. Patterns become one automaton, so that a leaf costs its own name and not the number of rules; the first rule of the file wins.

export type Step = { readonly any: true } | { readonly rest: true } | { readonly name: string }

/** The name under which the items of a list stand, and the body of a message that is one value. */
export const itemName = '[]'

const quoted = /"((?:[^"\\]|\\["\\])*)"/y
const plainName = /[^.[\]"*\s]+/y
const star = /\*\*?/y

/** The steps of a pattern, or a sentence that says what is wrong with it. */
export function parsePathPattern (text: string): readonly Step[] | string {
  const steps: Step[] = []
  let at = 0
  const match = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const found = form.exec(text)
    if (found !== null) at = form.lastIndex
    return found
  }
  while (at < text.length) {
    if (text.startsWith(itemName, at)) {
      steps.push({ name: itemName })
      at += itemName.length
    } else {
      const name = match(quoted)
      const wild = name === null ? match(star) : null
      const bare = name === null && wild === null ? match(plainName) : null
      if (name !== null) steps.push({ name: (name[1] as string).replace(/\\(.)/g, '$1') })
      else if (wild !== null) steps.push(wild[0] === '**' ? { rest: true } : { any: true })
      else if (bare !== null) steps.push({ name: bare[0] })
      else return 'write names with dots between them, as contact.emails[].value; a name with a dot, blank or bracket stands in double quotes.'
    }
    if (at === text.length || text.startsWith(itemName, at)) continue
    if (text[at] !== '.' || at + 1 === text.length) return 'after a name comes a dot and the next name, [] or the end.'
    at += 1
  }
  if (steps.some((step, index) => 'rest' in step && index > 0 && 'rest' in (steps[index - 1] as Step))) return 'one ** is enough: it stands for any number of names.'
  return steps
}

export interface PathEntry<T> { readonly steps: readonly Step[], readonly value: T }

/** Where a walk through a message stands. */
export interface PathState<T> {
  /** The first rule, in the order of the file, that fits exactly here. */
  readonly value: T | undefined
  /** Some rule could fit below. */
  readonly goesOn: boolean
  /** The rules that could fit below. */
  readonly ahead: readonly T[]
  /** The name stands in a rule at this place, so it is no data. */
  knows(name: string): boolean
  next(name: string): PathState<T>
}

interface Thread { readonly entry: number, readonly step: number }

/** Threads with those added that a `**` standing for nothing opens. */
function close<T> (entries: readonly PathEntry<T>[], threads: readonly Thread[]): readonly Thread[] {
  const all = new Map<string, Thread>()
  const add = (thread: Thread): void => {
    all.set(`${thread.entry}:${thread.step}`, thread)
    const step = entries[thread.entry]?.steps[thread.step]
    if (step !== undefined && 'rest' in step) add({ entry: thread.entry, step: thread.step + 1 })
  }
  threads.forEach(add)
  return [...all.values()].sort((left, right) => left.entry - right.entry || left.step - right.step)
}

function advance<T> (entries: readonly PathEntry<T>[], threads: readonly Thread[], name: string | undefined): readonly Thread[] {
  return close(entries, threads.flatMap(({ entry, step }) => {
    const here = entries[entry]?.steps[step]
    if (here === undefined) return []
    if ('rest' in here) return [{ entry, step }]
    if ('any' in here) return name === itemName ? [] : [{ entry, step: step + 1 }]
    return here.name === name ? [{ entry, step: step + 1 }] : []
  }))
}

/** The state at the root of a message. States are made when they are first needed and there is a bounded number of them. */
export function compilePaths<T> (entries: readonly PathEntry<T>[]): PathState<T> {
  const states = new Map<string, PathState<T>>()
  const stateOf = (threads: readonly Thread[]): PathState<T> => {
    const key = threads.map(({ entry, step }) => `${entry}:${step}`).join(' ')
    const known = states.get(key)
    if (known !== undefined) return known
    const made = createState(threads)
    states.set(key, made)
    return made
  }
  const createState = (threads: readonly Thread[]): PathState<T> => {
    const names = new Set(threads.flatMap(({ entry, step }) => {
      const here = entries[entry]?.steps[step]
      return here !== undefined && 'name' in here ? [here.name] : []
    }))
    const named = new Map<string, PathState<T>>()
    let other: PathState<T> | undefined
    const first = threads.find(({ entry, step }) => step === entries[entry]?.steps.length)
    const ahead = [...new Set(threads.flatMap(({ entry, step }) => {
      const here = entries[entry]
      return here !== undefined && step < here.steps.length ? [here.value] : []
    }))]
    return {
      value: first === undefined ? undefined : entries[first.entry]?.value,
      goesOn: ahead.length > 0,
      ahead,
      knows: name => names.has(name),
      next (name) {
        if (name !== itemName && !names.has(name)) {
          other ??= stateOf(advance(entries, threads, undefined))
          return other
        }
        let state = named.get(name)
        if (state === undefined) {
          state = stateOf(advance(entries, threads, name))
          named.set(name, state)
        }
        return state
      },
    }
  }
  return stateOf(close(entries, entries.map((_, entry) => ({ entry, step: 0 }))))
}
