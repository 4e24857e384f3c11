// neostandard with types, and the limits of the architecture page.
import neostandard from 'neostandard'

export default [
  ...neostandard({ ts: true, noJsx: true, ignores: ['node_modules', '.tap', 'config', 'docs', '**/*.min.js'] }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 180, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreUrls: true, ignoreRegExpLiterals: true }],
      '@stylistic/comma-dangle': 'off',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', 4],
      complexity: ['error', 18],
      'no-void': ['error', { allowAsStatement: true }],
      'no-console': 'error',
      '@typescript-eslint/no-redeclare': 'off', // a schema and the type of the same name stand together; the compiler checks the rest
    },
  },
  { files: ['test/**', 'bench/**'], rules: { 'max-lines': ['error', { max: 400 }], 'max-lines-per-function': 'off', complexity: 'off' } },
  { files: ['scripts/**', 'bench/**', 'src/cli/**', 'bin/**'], rules: { 'no-console': 'off' } },
]
