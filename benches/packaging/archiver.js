// The npm package archiver: node archiver.js FOLDER FILE
const fs = require("fs");
const archiver = require("archiver");

const create = typeof archiver === "function" ? archiver : (kind, options) => new archiver.ZipArchive(options);
const archive = create("zip", { zlib: { level: 6 } });
archive.pipe(fs.createWriteStream(process.argv[3]));
archive.directory(process.argv[2], false);
archive.finalize();
