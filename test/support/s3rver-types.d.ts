// The package brings no types.
declare module 's3rver' {
  interface Options {
    readonly address: string
    readonly port: number
    readonly silent: boolean
    readonly directory: string
    readonly configureBuckets: ReadonlyArray<{ readonly name: string, readonly configs: readonly string[] }>
  }
  export default class S3rver {
    constructor (options: Options)
    run (): Promise<{ readonly port: number }>
    close (): Promise<void>
  }
}
