// The few calls of the MIME libraries that mail is read with; they bring no types of their own.
declare module 'mailsplit' {
  export interface SplitNode {
    readonly type: 'node'
    readonly parentNode: SplitNode | false
    readonly multipart: string | false
    readonly _boundary: Buffer | false
    readonly headers: false | { readonly mbox: string | false, readonly http: string | false, getList (): readonly { readonly key: string, readonly line: string }[] }
  }
  export interface SplitLine { readonly type: 'body' | 'data', readonly node: SplitNode }
  export class Splitter {
    constructor (options: { readonly ignoreEmbedded: boolean, readonly maxHeadSize: number, readonly maxChildNodes: number })
    readonly node: SplitNode
    /** 1: within the headers of a part. */
    readonly state: number
    /** 1 and 3: a part begins; 2 and 4: a multipart ends. */
    checkBoundary (line: Buffer): 1 | 2 | 3 | 4 | false
    processLine (line: Buffer | false, isLast: boolean, next: (error?: Error | null, data?: SplitNode | SplitLine | false) => void): void
  }
  const mailsplit: { readonly Splitter: typeof Splitter }
  export default mailsplit
}
declare module 'libmime' {
  interface Libmime {
    decodeWords (text: string): string
    encodeWord (text: string, form: 'Q' | 'B', longest: number): string
    parseHeaderValue (text: string): { readonly value: string, readonly params: Readonly<Record<string, string>> }
  }
  const libmime: Libmime
  export default libmime
}
declare module 'libqp' {
  const libqp: { decode (text: string): Buffer, encode (bytes: Buffer): string, wrap (text: string, longest?: number): string }
  export default libqp
}
