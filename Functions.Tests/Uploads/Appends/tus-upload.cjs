// Uploads a file with tus-js-client. Arguments: the folder of node_modules, and the options as JSON.
const { createRequire } = require('node:module')
const { createReadStream } = require('node:fs')
const { PassThrough } = require('node:stream')

const [modules, json] = process.argv.slice(2)
const tus = createRequire(modules + '/')('tus-js-client')
const options = JSON.parse(json)

// A file's own stream can be read again from anywhere; piped through another it is a stream as any other.
const file = createReadStream(options.file)
const source = options.stream ? file.pipe(new PassThrough()) : file

let retries = 0
const upload = new tus.Upload(source, {
  endpoint: options.endpoint,
  protocol: options.protocol,
  chunkSize: options.chunkSize ?? Number.POSITIVE_INFINITY,
  uploadSize: options.size,
  uploadDataDuringCreation: options.dataDuringCreation ?? false,
  retryDelays: [0, 100, 300, 1000, 2000, 4000, 4000, 4000],
  metadata: { digest: options.digest, filename: options.name, filetype: 'application/octet-stream' },
  headers: { Authorization: `Bearer ${options.token}`, ...options.headers },
  onShouldRetry: (error) => {
    retries++
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0
    return status < 400 || status >= 500 || status === 409 || status === 423
  },
  onError: (error) => {
    console.error(error.message)
    process.exit(1)
  },
  onSuccess: () => {
    console.log(JSON.stringify({ url: upload.url, retries }))
    process.exit(0)
  },
})
upload.start()
