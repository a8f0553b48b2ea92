using System.Buffers;
using System.Text;

namespace CasFunctions.Providers.Oci;

/// <summary>One challenge of a <c>WWW-Authenticate</c> field (RFC 9110, section 11.6.1).</summary>
/// <param name="Scheme">The scheme as sent, such as <c>Bearer</c>; compared without case.</param>
/// <param name="Parameters">The parameters by name without case. Where one is repeated, the first counts.</param>
public sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>True when the challenge asks for this scheme.</summary>
    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Reads the challenges of one field value. Never throws: what follows a syntax error is left out, what came before counts.
    /// Credentials-like data after a scheme (token68, as in <c>Negotiate abc==</c>) is skipped.
    /// </summary>
    public static IReadOnlyList<AuthenticationChallenge> Parse(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var found = new List<AuthenticationChallenge>();
        Dictionary<string, string>? parameters = null;
        var reader = new Reader(field);
        while (reader.SkipSeparators())
        {
            var token = reader.Token();
            if (token.Length == 0)
            {
                break;
            }

            if (parameters is not null && reader.TryEquals())
            {
                if (!reader.TryValue(out var value))
                {
                    break;
                }

                parameters.TryAdd(token, value);
                continue;
            }

            parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            found.Add(new AuthenticationChallenge(token, parameters));
            reader.SkipToken68();
        }

        return found;
    }

    private ref struct Reader(string text)
    {
        private ReadOnlySpan<char> _rest = text;

        /// <summary>Skips blanks and commas: lists may have empty elements. False at the end.</summary>
        public bool SkipSeparators()
        {
            _rest = _rest.TrimStart(" \t,");
            return !_rest.IsEmpty;
        }

        public string Token()
        {
            var end = _rest.IndexOfAnyExcept(TokenChars);
            var token = end < 0 ? _rest : _rest[..end];
            _rest = _rest[token.Length..];
            return token.ToString();
        }

        /// <summary>Takes an equals sign with the blanks around it, or nothing.</summary>
        public bool TryEquals()
        {
            var ahead = _rest.TrimStart(" \t");
            if (!ahead.StartsWith("="))
            {
                return false;
            }

            _rest = ahead[1..].TrimStart(" \t");
            return true;
        }

        public bool TryValue(out string value)
        {
            if (!_rest.StartsWith("\""))
            {
                value = Token();
                return value.Length > 0;
            }

            var unquoted = new StringBuilder();
            for (var i = 1; i < _rest.Length; i++)
            {
                switch (_rest[i])
                {
                    case '"':
                        _rest = _rest[(i + 1)..];
                        value = unquoted.ToString();
                        return true;
                    case '\\' when i + 1 < _rest.Length:
                        unquoted.Append(_rest[++i]);
                        break;
                    default:
                        unquoted.Append(_rest[i]);
                        break;
                }
            }

            value = "";
            return false;
        }

        /// <summary>Skips a token68 that follows a scheme: one word up to a comma or the end that is no parameter.</summary>
        public void SkipToken68()
        {
            var ahead = _rest.TrimStart(" \t");
            var end = ahead.IndexOfAny(" \t,\"");
            var word = end < 0 ? ahead : ahead[..end];
            var after = ahead[word.Length..].TrimStart(" \t");
            if (ahead.Length < _rest.Length && !word.TrimEnd('=').Contains('=') && (after.IsEmpty || after[0] == ','))
            {
                _rest = after;
            }
        }
    }
}
