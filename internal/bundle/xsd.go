package bundle

import _ "embed"

// SchemaName is the file name under which the XSD is handed out.
const SchemaName = "hoc-ba-tieu-hoc-1.xsd"

// Schema is the XSD of schema version 1: the reader's twin for other programs.
// A test keeps the two in agreement.
//
//go:embed xsd/hoc-ba-tieu-hoc-1.xsd
var Schema []byte
