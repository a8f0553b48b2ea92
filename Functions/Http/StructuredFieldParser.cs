using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace CasFunctions.Http;

/// <summary>
/// Reads a structured field (RFC 9651, section 4.2) from its text. All types are checked; the values of those that no field of this
/// app uses are dropped. Each method leaves the position after what it read, and gives false where the text is malformed.
/// </summary>
internal ref struct StructuredFieldParser(ReadOnlySpan<char> text)
{
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*");
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:/");

    private ReadOnlySpan<char> _rest = text.Trim(' ');

    public bool TryReadItemField(out StructuredItem item) => TryReadItem(out item) && _rest.IsEmpty;

    public bool TryReadDictionaryField(Dictionary<string, StructuredItem> members)
    {
        while (!_rest.IsEmpty)
        {
            if (!TryReadMember(members))
            {
                return false;
            }

            _rest = _rest.TrimStart(" \t");
            if (_rest.IsEmpty)
            {
                return true;
            }

            if (!Take(','))
            {
                return false;
            }

            _rest = _rest.TrimStart(" \t");
            if (_rest.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadMember(Dictionary<string, StructuredItem> members)
    {
        if (!TryReadKey(out var key))
        {
            return false;
        }

        var item = new StructuredItem(StructuredKind.Boolean, 1, null);
        var read = !Take('=') ? TryReadParameters()
            : _rest.StartsWith('(') ? TryReadInnerList(out item)
            : TryReadItem(out item);

        // The last of several members with one key counts.
        members[key] = item;
        return read;
    }

    private bool TryReadInnerList(out StructuredItem item)
    {
        item = new StructuredItem(StructuredKind.Other, 0, null);
        Take('(');
        while (true)
        {
            _rest = _rest.TrimStart(' ');
            if (Take(')'))
            {
                return TryReadParameters();
            }

            if (!TryReadItem(out _) || _rest.IsEmpty || _rest[0] is not (' ' or ')'))
            {
                return false;
            }
        }
    }

    private bool TryReadItem(out StructuredItem item) => TryReadBareItem(out item) && TryReadParameters();

    private bool TryReadParameters()
    {
        while (Take(';'))
        {
            _rest = _rest.TrimStart(' ');
            if (!TryReadKey(out _) || (Take('=') && !TryReadBareItem(out _)))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadKey(out string key)
    {
        key = "";
        if (_rest.IsEmpty || !(char.IsAsciiLetterLower(_rest[0]) || _rest[0] == '*'))
        {
            return false;
        }

        key = TakeWhile(KeyCharacters).ToString();
        return true;
    }

    private bool TryReadBareItem(out StructuredItem item)
    {
        item = new StructuredItem(StructuredKind.Other, 0, null);
        if (_rest.IsEmpty)
        {
            return false;
        }

        switch (_rest[0])
        {
            case '?':
                return TryReadBoolean(out item);
            case ':':
                return TryReadBytes(out item);
            case '"':
                return TryReadString();
            case '%':
                return TryReadDisplayString();
            case '@':
                Take('@');
                return TryReadNumber(out var date) && date.Kind == StructuredKind.Number;
            case '-' or (>= '0' and <= '9'):
                return TryReadNumber(out item);
            case '*' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                TakeWhile(TokenCharacters);
                return true;
            default:
                return false;
        }
    }

    private bool TryReadBoolean(out StructuredItem item)
    {
        Take('?');
        var isTrue = Take('1');
        item = new StructuredItem(StructuredKind.Boolean, isTrue ? 1 : 0, null);
        return isTrue || Take('0');
    }

    private bool TryReadNumber(out StructuredItem item)
    {
        item = new StructuredItem(StructuredKind.Other, 0, null);
        var sign = Take('-') ? -1 : 1;
        var digits = TakeDigits();
        if (digits.IsEmpty || digits.Length > 15)
        {
            return false;
        }

        if (Take('.'))
        {
            return digits.Length <= 12 && TakeDigits().Length is >= 1 and <= 3;
        }

        item = new StructuredItem(StructuredKind.Number, sign * long.Parse(digits, CultureInfo.InvariantCulture), null);
        return true;
    }

    private bool TryReadBytes(out StructuredItem item)
    {
        item = new StructuredItem(StructuredKind.Other, 0, null);
        Take(':');
        var end = _rest.IndexOf(':');
        if (end < 0)
        {
            return false;
        }

        // Missing padding is not to be refused (section 4.2.7).
        var base64 = _rest[..end].ToString();
        _rest = _rest[(end + 1)..];
        var padded = base64.Contains('=', StringComparison.Ordinal) ? base64 : base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        if (base64.AsSpan().ContainsAny(" \t\r\n") || !Convert.TryFromBase64String(padded, bytes, out var written))
        {
            return false;
        }

        item = new StructuredItem(StructuredKind.Bytes, 0, bytes.AsMemory(0, written));
        return true;
    }

    private bool TryReadString()
    {
        Take('"');
        while (!_rest.IsEmpty)
        {
            if (Take('"'))
            {
                return true;
            }

            if (Take('\\') ? !Take('"') && !Take('\\') : !TakeAny(' ', '~'))
            {
                return false;
            }
        }

        return false;
    }

    private bool TryReadDisplayString()
    {
        Take('%');
        if (!Take('"'))
        {
            return false;
        }

        var bytes = new ArrayBufferWriter<byte>();
        while (!_rest.IsEmpty && !_rest.StartsWith('"'))
        {
            var value = (byte)_rest[0];
            if (Take('%'))
            {
                if (_rest.Length < 2 || _rest[..2].ContainsAnyInRange('A', 'F')
                    || !byte.TryParse(_rest[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
                {
                    return false;
                }

                _rest = _rest[2..];
            }
            else if (!TakeAny(' ', '~'))
            {
                return false;
            }

            bytes.Write([value]);
        }

        return Take('"') && Utf8.IsValid(bytes.WrittenSpan);
    }

    private bool Take(char expected)
    {
        if (!_rest.StartsWith(expected))
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    private bool TakeAny(char lowest, char highest)
    {
        if (_rest.IsEmpty || _rest[0] < lowest || _rest[0] > highest)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    private ReadOnlySpan<char> TakeDigits()
    {
        var length = _rest.IndexOfAnyExceptInRange('0', '9');
        return TakeFirst(length < 0 ? _rest.Length : length);
    }

    private ReadOnlySpan<char> TakeWhile(SearchValues<char> characters)
    {
        var length = _rest.IndexOfAnyExcept(characters);
        return TakeFirst(length < 0 ? _rest.Length : length);
    }

    private ReadOnlySpan<char> TakeFirst(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
