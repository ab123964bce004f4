package dues

// Commit adds what is called in the transaction of each chunk.
func Commit(o FileOptions, f func(FileReport) error) FileOptions {
	o.commit = f
	return o
}

// CommitList is Commit for lists.
func CommitList(o ListOptions, f func(ListReport) error) ListOptions {
	o.commit = f
	return o
}
