namespace CasFunctions.Providers.Oci;

/// <summary>Addresses that registries hand out.</summary>
internal static class RegistryAddress
{
    /// <summary>Adds to an address's query, which may be signed and is kept as it is.</summary>
    /// <exception cref="ProviderException">The address is none of http, or too long.</exception>
    public static Uri WithQuery(Uri address, string query)
    {
        if (IsHttp(address))
        {
            var text = address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
            if (Uri.TryCreate(
                text + (address.Query.Length > 1 ? "&" : address.Query.Length == 1 ? "" : "?") + query, UriKind.Absolute, out var extended))
            {
                return extended;
            }
        }

        throw new ProviderException(ProviderErrorKind.Unexpected, "The registry names an address that can't be used.");
    }

    /// <summary>True when scheme, host and port are the same, so that what is meant for one may be sent to the other.</summary>
    public static bool SameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>
    /// The address that an answer's <c>Location</c> names, which may be relative.
    /// </summary>
    /// <exception cref="ProviderException">There is none, or none of http.</exception>
    public static Uri Location(HttpResponseMessage response)
    {
        var asked = response.RequestMessage!.RequestUri!;
        if (response.Headers.Location is { } location && Uri.TryCreate(asked, location, out var address) && IsHttp(address))
        {
            return address;
        }

        throw new ProviderException(ProviderErrorKind.Unexpected, $"{asked.Authority} answers without a usable Location.");
    }

    private static bool IsHttp(Uri address) =>
        address.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.Ordinal)
            || address.Scheme.Equals(Uri.UriSchemeHttp, StringComparison.Ordinal);
}
