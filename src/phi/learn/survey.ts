// Looks through messages and counts, for each path, what kinds of values stand there. It keeps counts and digests and no value; names of fields are judged in fold-names.ts
// before anybody sees them.
import { createHmac, randomBytes } from 'node:crypto'
import { Hold, type HeldReason } from '../hold.ts'
import { rewriteJson } from '../json.ts'
import { readMediaType } from '../media-type.ts'
import { openLayer } from '../nested.ts'
import { rewriteMessage, type Message } from '../rewrite-message.ts'
import type { LeafType, Spot, Visitor } from '../visitor.ts'
import { rewriteXml } from '../xml.ts'
import { formatOf, nameOf } from './format.ts'

/** What was seen at one path. */
export interface Shape {
  readonly name: string
  readonly children: Map<string, Shape>
  /** Times that it was there as a leaf with something in it, and how often each format was. */
  values: number
  readonly formats: Map<string, number>
  readonly types: Set<LeafType>
  /** Digests of different values, up to `mostDifferent`. */
  readonly different: Set<string>
  longest: number
  /** Digits before the point of the longest number; a number below zero was there. */
  digits: number
  isNegative: boolean
  /** Times that it was there as a list or an object, and in how many of the parents it was. */
  containers: number
  present: number
}

export interface Survey {
  /** Why a message could not be read; undefined when it was. */
  add (message: Message): HeldReason | undefined
  result (): Surveyed
}

export interface Surveyed {
  readonly root: Shape
  readonly messages: number
  readonly held: ReadonlyMap<HeldReason, number>
  /** There were more paths than are told apart. */
  readonly isCut: boolean
  /** Whether a short text of this reading was the value of some field. */
  isValue (text: string): boolean
}

export const mostDifferent = 20
const mostShapes = 20_000
const mostTexts = 200_000
const mostLayers = 5
const deepest = 64

export function createShape (name: string): Shape {
  return { name, children: new Map(), values: 0, formats: new Map(), types: new Set(), different: new Set(), longest: 0, digits: 0, isNegative: false, containers: 0, present: 0 }
}

/** As a name of a field and a value of another are compared. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

class Looking implements Visitor {
  readonly deepest = deepest
  readonly root = createShape('')
  readonly texts = new Set<string>()
  isCut = false
  #shapes = 0
  #layers = 0
  readonly #key = randomBytes(32)

  digest (text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64').slice(0, 16)
  }

  spot (shape: Shape): Spot & { readonly shape: Shape } {
    return {
      shape,
      isNamed: true,
      child: name => {
        let child = shape.children.get(name)
        if (child === undefined) {
          child = createShape(name)
          this.#shapes += 1
          if (this.#shapes > mostShapes) this.isCut = true
          else shape.children.set(name, child)
        }
        child.present += 1
        return this.spot(child)
      },
    }
  }

  leaf (place: Spot, value: string, type: LeafType): undefined {
    const { shape } = place as Spot & { shape: Shape }
    if (value.trim() === '') return
    if (type === 'string' && this.#open(place, value)) return
    shape.values += 1
    shape.types.add(type)
    const format = nameOf(formatOf(value, type))
    shape.formats.set(format, (shape.formats.get(format) ?? 0) + 1)
    shape.longest = Math.max(shape.longest, value.length)
    if (/^-?\d/.test(value)) shape.digits = Math.max(shape.digits, (/^-?(\d+)/.exec(value)?.[1] ?? '').length)
    if (value.startsWith('-')) shape.isNegative = true
    if (shape.different.size <= mostDifferent) shape.different.add(this.digest(value))
    if (type === 'string' && value.length <= 64 && this.texts.size < mostTexts) this.texts.add(this.digest(plain(value)))
  }

  /** Something packed that a policy can look into: its leaves stand below this path. */
  #open (place: Spot, value: string): boolean {
    const layer = openLayer(value)
    if (layer === undefined || layer === 'binary' || layer.format === 'text' || layer.format === 'form' || this.#layers >= mostLayers) return false
    this.#layers += 1
    try {
      if (layer.format === 'json') rewriteJson(layer.inner, this, place)
      else rewriteXml(layer.inner, this, place)
      return true
    } catch (error) {
      if (error instanceof Hold) return false
      throw error
    } finally { this.#layers -= 1 }
  }

  key (): undefined { /* names are judged when all are known */ }
  enter (place: Spot): boolean {
    (place as Spot & { shape: Shape }).shape.containers += 1
    return true
  }

  removed (): void { /* nobody reads a comment */ }
}

export function createSurvey (): Survey {
  const looking = new Looking()
  const held = new Map<HeldReason, number>()
  let messages = 0
  const read = (message: Message): HeldReason | undefined => {
    try {
      const media = readMediaType(message.type)
      if (media === undefined) return 'unknownType'
      rewriteMessage(message, media, { visitor: looking, root: looking.spot(looking.root) })
      return undefined
    } catch (error) {
      return error instanceof Hold ? error.reason : 'failed'
    }
  }
  return {
    add (message) {
      messages += 1
      const reason = read(message)
      if (reason !== undefined) held.set(reason, (held.get(reason) ?? 0) + 1)
      return reason
    },
    result: () => ({ root: looking.root, messages, held, isCut: looking.isCut, isValue: text => looking.texts.has(looking.digest(plain(text))) }),
  }
}
