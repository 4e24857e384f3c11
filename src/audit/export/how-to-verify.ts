// The page that lies beside every export and says how to check it with tools that are on any machine. The commands in it are run by our tests.

export const manifestName = 'manifest.json'
export const signatureName = 'manifest.sig'
export const publicKeyName = 'export.pub'
export const howToName = 'HOW-TO-VERIFY.md'

/** By OpenSSL 3. */
export const opensslCommand = `openssl pkeyutl -verify -pubin -inkey ${publicKeyName} -rawin -in ${manifestName} -sigfile ${signatureName}`

/** By Node.js 18 or newer: the signature, then each file's digest. */
export const nodeCommand = 'node -e \'const c=require("crypto"),f=require("fs"),m=f.readFileSync("manifest.json");' +
  'if(!c.verify(null,m,f.readFileSync("export.pub"),f.readFileSync("manifest.sig")))throw "the signature is WRONG";' +
  'for(const x of JSON.parse(m).files)if(c.createHash("sha256").update(f.readFileSync(x.name)).digest("hex")!==x.sha256)throw x.name+" was CHANGED";console.log("whole")\''

export const fingerprintCommand = `openssl pkey -pubin -in ${publicKeyName} -outform DER | openssl dgst -sha256`

export function writeHowTo (options: { readonly fingerprint: string, readonly files: ReadonlyArray<{ readonly name: string }> }): string {
  return `# How to verify this export

In this directory. None of it needs Sallyport.

1. **Is the key the gateway's?** Its fingerprint is

   \`${options.fingerprint}\`

   Compare it with the one that the administrators of the gateway told you by another way, as by telephone. This command prints that of the key in this directory:

       ${fingerprintCommand}

2. **Is the manifest signed with it?** "Signature Verified Successfully" is the answer:

       ${opensslCommand}

3. **Are the files those that were signed?** Compare each digest with \`files\` in ${manifestName}:

       openssl dgst -sha256 ${options.files.map(file => file.name).join(' ')}

Steps 2 and 3 in one, with Node.js; "whole" is the answer:

    ${nodeCommand}

${manifestName} also says who asked for this, why, for which time and with which filters, and \`heads\`: the last record of each writer and epoch and the hash of the
chain there. The administrators can show with \`sallyport audit verify\` that the trail which they hold still leads to these hashes; if it does not, it was changed after this
export was made.

The files hold patient data. Keep them as such, and delete them when they have served.
`
}
