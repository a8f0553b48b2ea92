using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Security;
using CasFunctions.Trusts;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

/// <summary>What clients hand back or present: places in listings, limits of pages, tokens, patterns.</summary>
public sealed class CursorAndTokenTests
{
    private static readonly Gen<DateTimeOffset> Moments = Gen.Long[0, 4_000_000_000].Select(DateTimeOffset.FromUnixTimeSeconds);

    [Fact]
    public void Places_in_the_listing_are_read_back_and_others_refused()
    {
        var row = Gen.String[Gen.Char["0123456789abcdef|"], 0, 90];
        Gen.Select(Moments, row, HostileText.Near(Gen.Select(Moments, row, (moment, key) => $"{moment.ToUnixTimeSeconds()}~{key}"))).Sample(
            (moment, key, text) =>
            {
                var cursor = new ListingCursor(ListingCursor.MonthOf(moment), key);
                Assert.Equal(cursor, ListingCursor.Parse(cursor.ToString()));
                Assert.Matches("^[A-Za-z0-9_-]+\\z", cursor.ToString());

                foreach (var given in new[] { text, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)) })
                {
                    if (ListingCursor.Parse(given) is { } accepted)
                    {
                        Assert.Equal(accepted, ListingCursor.Parse(accepted.ToString()));
                        Assert.Equal(1, accepted.Month.Day);
                        Assert.DoesNotContain(accepted.Row, character => !char.IsAsciiHexDigitLower(character) && character != '|');
                    }
                }
            },
            iter: HostileText.Cases);
    }

    [Fact]
    public void Places_in_the_audit_log_are_read_back_and_others_refused() =>
        Gen.Select(Moments, HostileText.Near("79738872|2516599999999999999|0123abcd")).Sample(
            (moment, text) =>
            {
                var key = AuditKey.NewAt(moment);
                Assert.Equal(key, AuditKey.Parse(key.ToString()));
                Assert.True(AuditKey.Parse(text) is not { } accepted || accepted.ToString() == text);
            },
            iter: HostileText.Cases);

    [Fact]
    public void Limits_of_pages_are_numbers_in_range_or_refused() =>
        Gen.OneOf(HostileText.Near("50", "200", "1"), HostileText.Any).Sample(text =>
        {
            try
            {
                var limit = PageLimit.Parse(text, 200);
                Assert.InRange(limit, 1, 200);
                Assert.Equal(limit, int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));
            }
            catch (ProblemException problem)
            {
                Assert.Equal(400, problem.Status);
            }
        }, iter: HostileText.Cases);

    [Fact]
    public void Tokens_are_known_and_any_change_of_them_is_noticed()
    {
        var tokens = Enumerable.Range(0, 50).Select(_ => ApiToken.Create()).ToArray();
        Assert.All(tokens, token => Assert.True(ApiToken.IsWellFormed(token)));
        HostileText.Near(tokens).Sample(
            text => ApiToken.IsWellFormed(text) == tokens.Contains(text, StringComparer.Ordinal),
            iter: HostileText.Cases);
    }

    [Fact]
    public void Tokens_of_pipelines_are_refused_or_read_as_they_are()
    {
        var documents = HostileText.Near(
            """{"alg":"RS256","kid":"k"}""",
            """{"iss":"https://a.example","aud":"https://b.example/orgs/o","repository_id":1,"x":true,"y":null,"z":["\ud800"]}""",
            """{"iss":"https://a.example","aud":["b"],"iss2":"\ud83d\ude00"}""");
        Gen.Select(Gen.OneOf(Gen.Const("""{"alg":"RS256","kid":"k"}"""), documents), documents, HostileText.Near("c2ln")).Sample(
            (head, body, signature) =>
            {
                foreach (var text in new[] { $"{Encode(head)}.{Encode(body)}.{signature}", $"{head}.{body}.{signature}" })
                {
                    if (PipelineToken.TryRead(text) is { } token)
                    {
                        Assert.Equal(text, token.Text);
                        Assert.Equal(token.Issuer, token.Claims["iss"]);
                        Assert.NotNull(token.KeyId);
                    }
                }
            },
            iter: HostileText.Cases);

        static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Patterns_fit_what_the_same_regular_expression_fits()
    {
        var text = Gen.String[Gen.Char["ab*."], 0, 8];
        Gen.Select(text, text).Sample(
            (pattern, value) =>
            {
                var expression = "\\A" + Regex.Escape(pattern).Replace("\\*", "(?s:.*)", StringComparison.Ordinal) + "\\z";
                return ClaimPattern.Matches(pattern, value)
                    == Regex.IsMatch(value, expression, RegexOptions.NonBacktracking, TimeSpan.FromSeconds(5));
            },
            iter: HostileText.Cases);
    }
}
