package rules

import (
	"encoding/json"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"gonghui/internal/kit/money"
)

type refVal = ref.Val

func truthOf(v refVal) Truth {
	switch v {
	case types.True:
		return True
	case types.False:
		return False
	}
	return Unknown
}

// native gives a value of an expression as JSON keeps it; nil for anything but
// whole numbers, texts, truths and lists of texts.
func native(v refVal) any {
	switch x := v.(type) {
	case types.Int:
		return int64(x)
	case types.Bool:
		return bool(x)
	case types.String:
		return string(x)
	}
	if v.Type() == types.ListType {
		if l, err := v.ConvertToNative(reflect.TypeFor[[]string]()); err == nil {
			return l
		}
	}
	return nil
}

func whole(x any) (any, error) {
	switch n := x.(type) {
	case int:
		return int64(n), nil
	case int32:
		return int64(n), nil
	case int64:
		return n, nil
	case money.Fen:
		return int64(n), nil
	case Percent:
		return int64(n), nil
	case json.Number:
		return n.Int64()
	}
	return nil, errType
}
