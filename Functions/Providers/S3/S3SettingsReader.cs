using System.Buffers;
using System.Net;
using System.Text.Json;
using CasFunctions.Security;

namespace CasFunctions.Providers.S3;

/// <summary>Checks what an owner enters for an S3 backend and brings it into the form that is stored.</summary>
internal static class S3SettingsReader
{
    private const int MaxPrefixLength = 512;
    private const string DefaultRegion = "us-east-1";
    private const string R2Region = "auto";
    private const string R2Domain = ".r2.cloudflarestorage.com";
    private const string LowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string LettersAndDigits = LowerAndDigits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly SearchValues<char> BucketCharacters = SearchValues.Create(LowerAndDigits + ".-");
    private static readonly SearchValues<char> RegionCharacters = SearchValues.Create(LettersAndDigits + "-_");

    // None of these needs special handling anywhere: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    private static readonly SearchValues<char> PrefixCharacters = SearchValues.Create(LettersAndDigits + "!-_.*'()=/");

    // The id is part of the Authorization header, where slashes and commas have a meaning.
    private static readonly SearchValues<char> KeyIdCharacters = Printable(but: "/,");
    private static readonly SearchValues<char> SecretCharacters = Printable(but: "");

    /// <exception cref="BackendSettingsException">A field is missing, malformed or not allowed by the operator.</exception>
    public static S3Settings ReadSettings(JsonElement settings, OutboundHandlerFactory outbound)
    {
        var fields = ReadFields(settings, "settings", ["bucket", "endpoint", "prefix"]);
        var bucket = ReadBucket(Required(fields, "settings", "bucket"));
        var endpoint = fields.TryGetValue("endpoint", out var text) ? ReadEndpoint(text, bucket, outbound) : null;
        var prefix = fields.TryGetValue("prefix", out var entered) ? ReadPrefix(entered) : null;
        return new S3Settings(bucket, endpoint, prefix);
    }

    /// <exception cref="BackendSettingsException">A field is missing or malformed.</exception>
    public static S3Credentials ReadCredentials(JsonElement credentials, S3Settings settings)
    {
        var fields = ReadFields(credentials, "credentials", ["accessKeyId", "secretAccessKey", "region"]);
        var id = Required(fields, "credentials", "accessKeyId");
        if (!Has(id, 256, KeyIdCharacters))
        {
            throw new BackendSettingsException(
                "credentials.accessKeyId", "Enter 1 to 256 printable characters without blanks, slashes and commas.");
        }

        var secret = Required(fields, "credentials", "secretAccessKey");
        if (!Has(secret, 1024, SecretCharacters))
        {
            throw new BackendSettingsException("credentials.secretAccessKey", "Enter 1 to 1024 printable characters without blanks.");
        }

        var region = fields.GetValueOrDefault("region") ?? DefaultRegionOf(settings.Endpoint);
        return Has(region, 63, RegionCharacters) && !region.StartsWith('-') && !region.EndsWith('-')
            ? new S3Credentials(id, secret, region)
            : throw new BackendSettingsException("credentials.region", "Enter a region's name, such as eu-west-1.");
    }

    private static string ReadBucket(string bucket)
    {
        if (bucket.Contains('/', StringComparison.Ordinal))
        {
            throw new BackendSettingsException(
                "settings.bucket", "Enter the bucket's name alone; what follows the slash belongs in the field prefix.");
        }

        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        if (bucket.Length < 3
            || !Has(bucket, 63, BucketCharacters)
            || !char.IsAsciiLetterOrDigit(bucket[0])
            || !char.IsAsciiLetterOrDigit(bucket[^1])
            || bucket.Contains("..", StringComparison.Ordinal)
            || IPAddress.TryParse(bucket, out _))
        {
            throw new BackendSettingsException(
                "settings.bucket",
                "A bucket's name has 3 to 63 lowercase letters, digits, hyphens and dots, begins and ends with a letter or digit, "
                + "has no two dots in a row and is no IP address.");
        }

        if (bucket.EndsWith("--x-s3", StringComparison.Ordinal) || bucket.EndsWith("--table-s3", StringComparison.Ordinal))
        {
            throw new BackendSettingsException(
                "settings.bucket", "Directory and table buckets can't be used; enter a general purpose bucket.");
        }

        return bucket;
    }

    private static string ReadEndpoint(string text, string bucket, OutboundHandlerFactory outbound)
    {
        const string field = "settings.endpoint";
        var address = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";

        // The beginning first: of what is no http, Uri fails on some texts instead of refusing them.
        if (!address.StartsWith("http", StringComparison.OrdinalIgnoreCase)
            || !address.All(char.IsAscii)
            || !Uri.TryCreate(address, UriKind.Absolute, out var endpoint)
            || endpoint.Scheme is not ("https" or "http")
            || endpoint.Host.Length == 0)
        {
            throw new BackendSettingsException(field, "Enter a host name or an address such as https://s3.example.com.");
        }

        if (endpoint.UserInfo.Length > 0)
        {
            throw new BackendSettingsException(field, "Credentials have fields of their own; remove what precedes the @.");
        }

        // Cloudflare shows R2's address with the bucket at its end, and people paste it as it is.
        var path = endpoint.AbsolutePath.Trim('/');
        if (address.Contains('?', StringComparison.Ordinal)
            || address.Contains('#', StringComparison.Ordinal)
            || (path.Length > 0 && !string.Equals(path, bucket, StringComparison.Ordinal)))
        {
            throw new BackendSettingsException(
                field, "Enter the address up to its host and port; bucket and prefix have fields of their own.");
        }

        try
        {
            outbound.CheckAddress(endpoint);
        }
        catch (OutboundRefusedException e)
        {
            throw new BackendSettingsException(field, e.Message);
        }

        return endpoint.GetLeftPart(UriPartial.Authority);
    }

    private static string? ReadPrefix(string text)
    {
        var prefix = text.Trim('/');
        if (prefix.Length == 0)
        {
            return null;
        }

        return Has(prefix, MaxPrefixLength, PrefixCharacters) && !prefix.Split('/').Any(part => part is "" or "." or "..")
            ? prefix
            : throw new BackendSettingsException(
                "settings.prefix",
                $"A prefix has at most {MaxPrefixLength} letters, digits and characters of !-_.*'()=/ and no empty, . or .. segment.");
    }

    private static string DefaultRegionOf(string? endpoint) =>
        endpoint is not null && new Uri(endpoint).Host.EndsWith(R2Domain, StringComparison.Ordinal) ? R2Region : DefaultRegion;

    private static Dictionary<string, string> ReadFields(JsonElement element, string parent, string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new BackendSettingsException(parent, $"Enter an object with the fields {string.Join(", ", known)}.");
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = NameOf(property) ?? throw new BackendSettingsException(parent, "A field's name is no well-formed Unicode.");
            var field = $"{parent}.{name}";
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw new BackendSettingsException(field, $"There is no such field; the fields are {string.Join(", ", known)}.");
            }

            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            fields[name] = TextOf(property.Value) is { Length: > 0 } text
                ? text
                : throw new BackendSettingsException(field, "Enter a text that is not empty.");
        }

        return fields;
    }

    private static string? NameOf(JsonProperty property) => WellFormed(() => property.Name);

    private static string? TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? WellFormed(() => value.GetString()!.Trim()) : null;

    // JSON can hold an escaped half of a surrogate pair, which no text can be made of.
    private static string? WellFormed(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Required(Dictionary<string, string> fields, string parent, string name) =>
        fields.TryGetValue(name, out var value) ? value : throw new BackendSettingsException($"{parent}.{name}", "This field is required.");

    private static bool Has(string text, int maxLength, SearchValues<char> characters) =>
        text.Length <= maxLength && !text.AsSpan().ContainsAnyExcept(characters);

    private static SearchValues<char> Printable(string but) =>
        SearchValues.Create(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Except(but).ToArray());
}
