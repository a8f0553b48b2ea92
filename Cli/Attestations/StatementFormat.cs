using System.Text;

namespace CasFunctions.Cli.Attestations;

/// <summary>
/// Forms of a statement for signers, by the DSSE 1.0 specification (Dead Simple Signing Envelope).
/// </summary>
internal static class StatementFormat
{
    /// <summary>The media type that stands in envelopes for in-toto statements.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>An envelope without signatures, to which a signer adds its own.</summary>
    public static byte[] Envelope(byte[] statement) => Encoding.UTF8.GetBytes(
        $$"""{"payloadType":"{{PayloadType}}","payload":"{{Convert.ToBase64String(statement)}}","signatures":[]}""");

    /// <summary>The exact bytes that are signed: DSSE's pre-authentication encoding.</summary>
    public static byte[] PreAuthenticationEncoding(byte[] statement) =>
    [
        .. Encoding.UTF8.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {statement.Length} "),
        .. statement,
    ];
}
