namespace CasFunctions.Notifications;

/// <summary>The commands of <c>cas</c> that give a backend new credentials.</summary>
internal static class RepairCommand
{
    /// <summary>The command with capitals and file names where the owner's own values go; null where there are no credentials.</summary>
    /// <remarks>Names of backends are DNS labels, so none needs quotes.</remarks>
    public static string? For(string provider, string backend)
    {
        var command = $"cas backend update {provider} --name {backend} ";
        return provider switch
        {
            "oci" => command + "--username USERNAME --password-stdin < password.txt",
            "aws-s3" => command + "--access-key-id ACCESS_KEY_ID --secret-access-key-file secret-access-key.txt --region REGION",
            "azure-blob" => command + "--tenant TENANT_ID --client-id CLIENT_ID --client-secret-file client-secret.txt",
            _ => null,
        };
    }
}
