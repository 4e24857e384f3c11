// Rewrites XML and SOAP in place. A path is made of local names, an attribute is `@name`; prefixes are the sender's choice. Comments and instructions are taken out.
import { applyEdits, type Edit } from './edits.ts'
import { Hold } from './hold.ts'
import type { Spot, Visitor } from './visitor.ts'
import { encodeXmlText, readXml, type Part } from './xml-markup.ts'

interface Open {
  readonly name: string
  readonly place: Spot
  readonly start: number
  /** Nothing in it is asked about. */
  readonly isOut: boolean
  /** Edits there were before it. */
  readonly mark: number
}

/** The pieces of text between two tags: CDATA and comments split what one reader sees as one text. */
interface Run { start: number, end: number, value: string, readonly removed: Edit[] }

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
const prefixOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf(':')))
const isBlank = (text: string): boolean => /^[ \t\r\n]*$/.test(text)

class XmlRewriter {
  readonly #visitor: Visitor
  readonly #edits: Edit[] = []
  readonly #open: Open[] = []
  readonly #root: Spot
  #run: Run | undefined
  #hasRoot = false

  constructor (visitor: Visitor, root: Spot) {
    this.#visitor = visitor
    this.#root = root
  }

  run (text: string): string {
    for (const part of readXml(text)) {
      if (part.type === 'open' || part.type === 'close') this.#endRun()
      if (part.type === 'open') this.#begin(part)
      else if (part.type === 'close') this.#end(part)
      else this.#addToRun(part)
    }
    this.#endRun()
    if (this.#open.length > 0 || !this.#hasRoot) throw new Hold('notXml')
    return applyEdits(text, this.#edits)
  }

  #addToRun (part: Part & { type: 'text' | 'comment' | 'instruction' }): void {
    this.#run ??= { start: part.start, end: part.end, value: '', removed: [] }
    this.#run.end = part.end
    if (part.type === 'text') this.#run.value += part.value
    else this.#run.removed.push({ start: part.start, end: part.end, text: '' })
  }

  #endRun (): void {
    const run = this.#run
    this.#run = undefined
    if (run === undefined) return
    const here = this.#open.at(-1)
    if (here === undefined && !isBlank(run.value)) throw new Hold('notXml')
    if (here?.isOut === true) return
    const place = here?.place ?? this.#root
    if (run.removed.length > 0) this.#visitor.removed(place)
    const answer = isBlank(run.value) ? undefined : this.#visitor.leaf(place, run.value, 'string')
    if (answer === undefined) this.#edits.push(...run.removed)
    else this.#edits.push({ start: run.start, end: run.end, text: answer === null ? '' : encodeXmlText(answer) })
  }

  #begin (part: Part & { type: 'open' }): void {
    const above = this.#open.at(-1)
    if (above === undefined && this.#hasRoot) throw new Hold('notXml')
    this.#hasRoot = true
    if (this.#open.length >= this.#visitor.deepest) throw new Hold('tooDeep')
    const isMuted = above?.isOut === true
    const parent = above?.place ?? this.#root
    const name = localName(part.name)
    if (!isMuted && (this.#isData(parent, name) || this.#isData(parent, prefixOf(part.name)))) throw new Hold('elementName')
    const place = isMuted ? parent : parent.child(name)
    const isEntered = !isMuted && this.#visitor.enter(place)
    const mark = this.#edits.length
    const open: Open = { name: part.name, place, start: part.start, isOut: !isEntered, mark }
    if (isEntered) this.#attributes(part, place)
    this.#open.push(open)
    if (part.isEmpty) this.#close(part.end)
  }

  #isData (parent: Spot, name: string): boolean {
    return name !== '' && this.#visitor.key(parent, name, 1) !== undefined
  }

  #attributes (part: Part & { type: 'open' }, place: Spot): void {
    for (const { name, value, start, end } of part.attributes) {
      const own = `@${localName(name)}`
      if (this.#isData(place, own) || this.#isData(place, prefixOf(name))) throw new Hold('elementName')
      // A namespace is the sender's to invent, and could be made of anybody's name.
      if (isNamespace(name, value) && !(value.match(/[A-Za-z]{3,}/g) ?? []).some(word => this.#isData(place, word))) continue
      const answer = this.#visitor.leaf(place.child(own), value, 'string')
      if (answer !== undefined) this.#edits.push({ start, end, text: encodeXmlText(answer ?? '') })
    }
  }

  #end (part: Part & { type: 'close' }): void {
    if (this.#open.at(-1)?.name !== part.name) throw new Hold('notXml')
    this.#close(part.end)
  }

  #close (end: number): void {
    const open = this.#open.pop() as Open
    const isOutermost = open.isOut && this.#open.at(-1)?.isOut !== true
    if (!isOutermost) return
    // The root element stays, empty: a document without one is none.
    const text = this.#open.length === 0 ? `<${open.name}/>` : ''
    this.#edits.push({ start: open.start, end, text })
  }
}

/** What says how to read a document and not what it says: namespaces, `xsi:nil`, `xsi:type`, `xml:space`. Other values under those names are leaves. */
function isNamespace (name: string, value: string): boolean {
  // A year and a month, a version: no date, no number that somebody could be called at.
  if (name === 'xmlns' || name.startsWith('xmlns:')) return /^(?:urn:|https?:\/\/)[A-Za-z\d/:.#_-]{1,200}$/.test(value) && !/\d{5}|\d[.-]\d|\d{4}\/\d{1,2}\/\d/.test(value) && value.replace(/\D/g, '').length <= 8
  return name === 'xml:space' ? /^(?:default|preserve)$/.test(value) : name === 'xsi:nil' && /^(?:true|false)$/.test(value)
}

/** Throws a Hold for what is not well-formed XML without a document type. */
export function rewriteXml (text: string, visitor: Visitor, root: Spot): string {
  return new XmlRewriter(visitor, root).run(text)
}
