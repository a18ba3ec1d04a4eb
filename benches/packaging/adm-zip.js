// The npm package adm-zip: node adm-zip.js FOLDER FILE
const AdmZip = require("adm-zip");

const archive = new AdmZip();
archive.addLocalFolder(process.argv[2]);
archive.writeZip(process.argv[3]);
