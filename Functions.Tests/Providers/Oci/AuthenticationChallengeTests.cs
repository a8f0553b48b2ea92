using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Http.Parsers;
using CsCheck;

namespace CasFunctions.Tests.Providers.Oci;

public sealed class AuthenticationChallengeTests
{
    private const string TokenChars = "!#$%&'*+-.^_`|~09AZaz";

    private static readonly Gen<string> Token = Gen.Char[TokenChars].Array[1, 8].Select(chars => new string(chars));

    private static readonly Gen<(string Scheme, (string Name, string Value)[] Parameters)[]> Challenges = Gen.Select(
        Token, Gen.Select(Token, Gen.String[Gen.Char[" ~"], 0, 12]).Array[0, 4]).Array[1, 4];

    [Theory]
    [InlineData("", "")]
    [InlineData(" , ,", "")]
    [InlineData("Basic", "Basic{}")]
    [InlineData("Basic realm=\"Registry Realm\"", "Basic{realm=Registry Realm}")]
    [InlineData(
        "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"",
        "Bearer{realm=https://auth.docker.io/token;service=registry.docker.io;scope=repository:a/b:pull,push}")]
    [InlineData("Basic realm=a, Bearer realm=\"b, c\", error = invalid_token", "Basic{realm=a} Bearer{realm=b, c;error=invalid_token}")]
    [InlineData("Negotiate, Basic realm=x", "Negotiate{} Basic{realm=x}")]
    [InlineData("Negotiate YWJj==, Basic realm=x", "Negotiate{} Basic{realm=x}")]
    [InlineData("Negotiate YWJj/+, Basic realm=x", "Negotiate{} Basic{realm=x}")]
    [InlineData("Basic realm=\"a \\\"quoted\\\" \\\\ word\"", "Basic{realm=a \"quoted\" \\ word}")]
    [InlineData("Bearer realm=one, realm=two", "Bearer{realm=one}")]
    [InlineData("Bearer REALM=one, Realm=two", "Bearer{REALM=one}")]
    [InlineData("Bearer realm=\"never closed", "Bearer{}")]
    [InlineData("Bearer realm=\"ends in escape\\", "Bearer{}")]
    [InlineData("Bearer realm=", "Bearer{}")]
    [InlineData("Bearer a=b, =c, d=e", "Bearer{a=b}")]
    [InlineData("Bearer a=b \u0001", "Bearer{a=b}")]
    public void Fields_are_read_as_rfc_9110_writes_them(string field, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Describe(AuthenticationChallenge.Parse(field))));
    }

    [Fact]
    public void Whatever_a_server_composes_is_read_back() => Challenges.Sample(
        challenges =>
        {
            var field = string.Join(", ", challenges.Select(challenge =>
                $"{challenge.Scheme} {string.Join(" , ", challenge.Parameters.Select(p => $"{p.Name}={Quote(p.Value)}"))}".TrimEnd()));

            var read = AuthenticationChallenge.Parse(field);

            Assert.Equal(
                challenges.Select(challenge => challenge.Scheme), read.Select(challenge => challenge.Scheme), StringComparer.Ordinal);
            foreach (var (expected, actual) in challenges.Zip(read))
            {
                var first = expected.Parameters.DistinctBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ToArray();
                Assert.Equal(first.Length, actual.Parameters.Count);
                Assert.All(first, p => Assert.Equal(p.Value, actual.Parameters[p.Name]));
            }
        },
        iter: HostileText.Cases);

    [Fact]
    public void No_field_whatever_makes_the_parser_fail() =>
        Gen.OneOf(
            Gen.String[Gen.Char[" \t,=\"\\\0abBearer\u00e4"], 0, 40],
            HostileText.From("Bearer", "Basic", " ", ",", "realm", "=", "\"https://a.example/t\"", "\\", "\"", "abc=="),
            HostileText.Near(
                "Basic realm=\"a \\\"quoted\\\" \\\\ word\"",
                "Negotiate YWJj==, Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"")).Sample(
            field =>
            {
                var read = AuthenticationChallenge.Parse(field);
                foreach (var challenge in read)
                {
                    Assert.All([challenge.Scheme, .. challenge.Parameters.Keys], token =>
                        Assert.Matches("^[!#-'*+.^_`|~0-9A-Za-z-]+\\z", token));
                }

                var written = string.Join(", ", read.Select(challenge =>
                    $"{challenge.Scheme} {string.Join(", ", challenge.Parameters.Select(p => $"{p.Key}={Quote(p.Value)}"))}".TrimEnd()));
                Assert.Equal(Describe(read), Describe(AuthenticationChallenge.Parse(written)));
            },
            iter: HostileText.Cases);

    private static IEnumerable<string> Describe(IEnumerable<AuthenticationChallenge> challenges) => challenges.Select(challenge =>
        $"{challenge.Scheme}{{{string.Join(';', challenge.Parameters.Select(p => $"{p.Key}={p.Value}"))}}}");

    private static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
