namespace CasFunctions.Providers.S3;

/// <summary>What an object carries besides its content.</summary>
internal static class S3Metadata
{
    /// <summary>The nonce of the session that stored the object.</summary>
    public const string Nonce = "cas-nonce";

    /// <summary>The file name, as percent-encoded UTF-8 (RFC 3986).</summary>
    public const string Name = "cas-name";

    /// <summary>The object's media type.</summary>
    public static string MediaTypeOf(BlobDescriptor blob) => blob.MediaType ?? "application/octet-stream";

    /// <summary>The object's own headers, without the <c>x-amz-meta-</c> that the SDK puts before them.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(BlobDescriptor blob)
    {
        yield return KeyValuePair.Create(Nonce, blob.Nonce);
        if (blob.Name is { Length: > 0 } name)
        {
            yield return KeyValuePair.Create(Name, BlobMetadata.EncodeName(name));
        }
    }
}
