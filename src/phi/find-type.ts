// Which type a message is of, where its policy says that the type stands. A message of two types is of none: what one type may show could be another's secret.
import type { TypeChoice } from './policy.ts'
import type { PathState } from './path-pattern.ts'
import type { LeafType, Spot, Visitor } from './visitor.ts'

interface TypeSpot extends Spot { readonly state: PathState<true> }

function createSpot (state: PathState<true>): TypeSpot {
  return { state, isNamed: true, child: name => createSpot(state.next(name)) }
}

class Finding implements Visitor {
  readonly deepest: number
  readonly found = new Set<string>()
  readonly root: Spot

  constructor ({ paths }: TypeChoice, deepest: number) {
    this.deepest = deepest
    this.root = createSpot(paths)
  }

  leaf (place: Spot, value: string, type: LeafType): undefined {
    if ((place as TypeSpot).state.value === true) this.found.add(type === 'string' ? value : JSON.stringify([type, value]))
  }

  key (): undefined { /* names are judged later */ }
  enter (): boolean { return true }
  removed (): void { /* nobody reads a comment */ }
}

/** `read`: reads the message once with a visitor. Undefined for a message that no case is for. */
export function findType (choice: TypeChoice, deepest: number, read: (visitor: Visitor, root: Spot) => void): string | undefined {
  const finding = new Finding(choice, deepest)
  read(finding, finding.root)
  const [type] = finding.found
  return finding.found.size === 1 && type !== undefined && choice.cases.has(type) ? type : undefined
}
