package dues

// Commit adds what is called in the transaction of each chunk.
func Commit(o FileOptions, f func(FileReport) error) FileOptions {
	o.commit = f
	return o
}
