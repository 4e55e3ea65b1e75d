// Package core is the part of the vocabulary that belongs to the language:
// control of queries, aggregates, values, texts and times.
package core

import "goshawk/vql"

// Plugins lists the plugins of this package.
func Plugins() []vql.Plugin {
	return []vql.Plugin{
		chainPlugin, combinePlugin, environPlugin, flattenPlugin, foreachPlugin, ifPlugin, itemsPlugin, rangePlugin,
		scopePlugin, switchPlugin,
	}
}

// Functions lists the functions of this package.
func Functions() []vql.Function {
	return []vql.Function{
		allFunction, anyFunction, arrayFunction, atoiFunction, countFunction, dictFunction, enumerateFunction,
		environFunction, evalFunction, expandFunction, filterFunction, formatFunction, getFunction, ifFunction,
		intFunction, itemsFunction, joinFunction, lenFunction, logFunction, lowcaseFunction, maxFunction, minFunction,
		nowFunction, parseFloatFunction, parseStringFunction, randFunction, regexReplaceFunction, scopeFunction,
		setFunction, sleepFunction, splitFunction, strFunction, stripFunction, substrFunction, sumFunction,
		timestampFunction, toDictFunction, typeofFunction, upcaseFunction, versionFunction,
	}
}
