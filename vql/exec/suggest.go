package exec

// suggest returns a hint at the known name that is nearest to a wrong one, or
// nothing if none is near.
func suggest(name string, known []string) string {
	best, least := "", len(name)/3+1
	if len(name) < 3 {
		return ""
	}
	for _, k := range known {
		if d := distance(name, k, least); d < least {
			best, least = k, d
		}
	}
	if best == "" || best == name {
		return ""
	}
	return ". Did you mean " + best + "?"
}

// distance is the number of bytes to insert, delete or change to turn a into
// b, or max if it is not less.
func distance(a, b string, max int) int {
	if len(a)-len(b) >= max || len(b)-len(a) >= max {
		return max
	}
	prev, cur := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if lower(a[i]) == lower(b[j]) {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
		}
		prev, cur = cur, prev
	}
	return min(prev[len(b)], max)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
