extern alias cli;

using System.Text;
using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers.Oci;
using CasFunctions.Security;
using CasFunctions.Tests.Security;
using CasFunctions.Trusts;
using CasFunctions.Uploads.Appends;
using cli::CasFunctions.Cli.Downloads;
using cli::CasFunctions.Cli.Output;

namespace CasFunctions.Tests.Http.Parsers;

/// <summary>
/// The time that a parser takes grows with its text and not with the square of it. At the length of these texts, beyond what the hosts
/// let through in a header, squares take a minute.
/// </summary>
public sealed class LongTextTests
{
    private const int Length = 128 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly string[] Pieces =
    [
        "a", "0", " ", "\t", ",", ";", "=", ":", "\"", "\\", "/", ".", "-", "*", "(", "@", "%", "\u00e9", "\ud83d", "\0", "a ", "a,",
        "a=", "a=b,", "a=b, ",
        "a;", "a=1;", "\"a\",", "\"\",", "W/\"\",", "(1 ", "a=(1 ", "a QQ==,", "../", "a/", "a.", "a@", ";a=\"b\"", "Bearer a=b, ",
        "a b ", "%c3%a9",
    ];

    private static readonly string[] Starts = ["", "bytes=", "a=", "a=:", "a=\"", "a=%\"", "sha256 ", "sha-256=:", "Bearer ", "a/b;",
        "ghcr.io/", "https://a/", "\""];

    private static readonly Dictionary<string, Func<string, object?>> Parsers = new(StringComparer.Ordinal)
    {
        ["digest"] = text => Sha256Digest.TryParse(text, out _),
        ["digest in base64"] = text => Sha256Digest.TryParseBase64(text, out _),
        ["range"] = text => ByteRange.Parse(text, 100),
        ["disposition"] = text => ContentDisposition.Attachment(text, default),
        ["metadata"] = text => UploadMetadata.TryParse(text, out _),
        ["checksum"] = text => TusChecksum.Parse(text),
        ["dictionary"] = text => StructuredFields.TryParseDictionary(text, out _),
        ["boolean"] = text => StructuredFields.TryParseBoolean(text, out _),
        ["integer"] = text => StructuredFields.TryParseInteger(text, out _),
        ["digest field"] = text => DigestFields.Parse(text),
        ["entity tags"] = text => EntityTags.IfMatchHolds(text, default(Sha256Digest)),
        ["media type"] = text => MediaTypeName.IsValid(text),
        ["e-mail address"] = text => EmailAddress.IsValid(text),
        ["artifact name"] = text => ArtifactName.IsValid(text, out _),
        ["label"] = text => DnsLabel.IsValid(text),
        ["challenge"] = text => AuthenticationChallenge.Parse(text),
        ["repository"] = text => OciRepository.TryParse(text, out _, out _),
        ["listing cursor"] = text => ListingCursor.Parse(text),
        ["audit key"] = text => AuditKey.Parse(text),
        ["API token"] = text => ApiToken.IsWellFormed(text),
        ["pipeline token"] = text => PipelineToken.TryRead(text),
        ["part tags"] = text => Refused<InvalidDataException>(() => PartTags.Unpack(Encoding.UTF8.GetBytes(text))),
        ["hash state"] = text => Refused<FormatException>(() => ContentHash.Resume(Encoding.UTF8.GetBytes(text)).Dispose()),
        ["manifest title"] = text => EvidenceManifest.Title(new(default, 0, text, null, "")),
        ["local name"] = text => LocalName.Of(text, default),
        ["shown text"] = text => DisplayText.Safe(text),
        ["address"] = text =>
        {
            using var outbound = TestOutbound.Strict();
            return Uri.TryCreate(text, UriKind.Absolute, out var address)
                && Refused<OutboundRefusedException>(() => outbound.CheckAddress(address));
        },
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Time_grows_with_the_text_and_not_with_its_square(string name)
    {
        foreach (var start in Starts)
        {
            foreach (var piece in Pieces)
            {
                var text = start + string.Concat(Enumerable.Repeat(piece, Length / piece.Length));
                var parsing = Task.Run(() => Parsers[name](text), TestContext.Current.CancellationToken);
                await parsing.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private static bool Refused<T>(Action parse)
        where T : Exception
    {
        try
        {
            parse();
            return false;
        }
        catch (T)
        {
            return true;
        }
    }
}
