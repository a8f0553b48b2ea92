using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CasFunctions.Notifications;
using CasFunctions.Secrets;
using CasFunctions.Storage;
using CasFunctions.Uploads.Appends;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Infra;

/// <summary>The settings that infra.bicep gives to the app are those that the app reads.</summary>
public sealed partial class SettingsTests
{
    private static readonly IEnumerable<(string Section, Type Type)> Options =
        from type in typeof(CasOptions).Assembly.GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is { IsLiteral: true } && type.Name.EndsWith("Options", StringComparison.Ordinal)
        select ((string)section.GetRawConstantValue()!, type);

    [Fact]
    public async Task The_app_reads_every_setting_of_its_own()
    {
        var deployment = await Deployment.PredictAsync(Deployment.Everything);
        var names = deployment.Settings.Keys.Where(name => name.StartsWith("Cas__", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(IsRead(Key(name)), $"No options class has {name}."));
    }

    [Fact]
    public async Task The_app_starts_in_Azure_with_what_the_template_sets()
    {
        var deployment = await Deployment.PredictAsync(Deployment.Everything);
        var builder = CasApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection(
            deployment.Settings
                .Select(setting => KeyValuePair.Create(Key(setting.Key), (string?)Sample(setting.Value)))
                .Append(KeyValuePair.Create("WEBSITE_SITE_NAME", (string?)"cas")));

        // Nothing is called at the start: no request goes to the addresses of the samples.
        using var host = builder.Build();
        foreach (var (_, type) in Options)
        {
            var options = typeof(IOptions<>).MakeGenericType(type);
            Assert.NotNull(options.GetProperty("Value")!.GetValue(host.Services.GetRequiredService(options)));
        }

        Assert.IsType<KeyVaultSecretStore>(host.Services.GetRequiredService<ISecretStore>());
        Assert.IsType<SendGridMailSender>(host.Services.GetRequiredService<IMailSender>());
        Assert.NotNull(host.Services.GetRequiredService<StagingArea>());
        var storage = host.Services.GetRequiredService<IOptions<StorageOptions>>().Value;
        Assert.Equal("https://x.blob.core.windows.net/", storage.BlobServiceUri?.ToString());
        Assert.Equal("https://x.table.core.windows.net/", storage.TableServiceUri?.ToString());
        Assert.True(Guid.TryParse(storage.ManagedIdentityClientId, out _));
        Assert.NotNull(host.Services.GetRequiredService<IOptions<CasOptions>>().Value.PublicAddress);
    }

    [Fact]
    public async Task Secrets_are_references_to_the_vault()
    {
        var settings = (await Deployment.PredictAsync(Deployment.Everything)).Settings;

        const string Reference = "'@Microsoft.KeyVault(SecretUri={0}secrets/{1})'";
        Assert.Contains(Reference, settings["Cas__RootKey"], StringComparison.Ordinal);
        Assert.Contains(Reference, settings["Cas__Mail__SendGridKey"], StringComparison.Ordinal);
        Assert.DoesNotContain(settings.Values, value => value.Contains("SG.key", StringComparison.Ordinal));
        Assert.DoesNotContain(settings.Values, value => value.Contains("a-root-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_sender_there_are_no_settings_of_mails()
    {
        var settings = (await Deployment.PredictAsync()).Settings;

        Assert.DoesNotContain(settings.Keys, name => name.StartsWith("Cas__Mail__", StringComparison.Ordinal));
    }

    /// <summary>Staged content lives in the container that the template makes and cleans, as long as the app names it so.</summary>
    [Fact]
    public async Task The_container_for_staged_content_is_the_one_that_the_app_uses()
    {
        var deployment = await Deployment.PredictAsync();
        var container = $"{deployment.Settings["Cas__Storage__TablePrefix"].ToLowerInvariant()}-staging";

        Assert.Contains(
            deployment.OfType("Microsoft.Storage/storageAccounts/blobServices/containers"),
            resource => ((string)resource["id"]!).EndsWith("/" + container, StringComparison.Ordinal));
        var policy = deployment.Only("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]!["policy"]!;
        Assert.Equal($"{container}/", (string)policy["rules"]![0]!["definition"]!["filters"]!["prefixMatch"]![0]!);
    }

    private static string Key(string variable) => variable.Replace("__", ":", StringComparison.Ordinal);

    private static bool IsRead(string name) => Options.Any(options =>
        name.StartsWith(options.Section + ":", StringComparison.Ordinal)
        && name[(options.Section.Length + 1)..].Split(':') is [var property, .. var rest]
        && options.Type.GetProperty(property) is { } found
        && (IsList(found.PropertyType) ? rest is [var index] && int.TryParse(index, CultureInfo.InvariantCulture, out _) : rest is []));

    private static bool IsList(Type type) => type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type);

    /// <summary>A value such as Azure puts in place of an expression.</summary>
    private static string Sample(string value) => value switch
    {
        ['[', ..] when value.Contains("@Microsoft.KeyVault(", StringComparison.Ordinal) => "a-secret-of-the-vault-0123456789",
        ['[', ..] => Reference().Match(value).Groups["path"].Value switch
        {
            "primaryEndpoints.blob" => "https://x.blob.core.windows.net/",
            "primaryEndpoints.table" => "https://x.table.core.windows.net/",
            "vaultUri" => "https://x.vault.azure.net/",
            "clientId" => "3f0e1a52-6a35-4a3f-9f0b-6e1f5c0d7a11",
            "ConnectionString" => "InstrumentationKey=3f0e1a52-6a35-4a3f-9f0b-6e1f5c0d7a11",
            var other => throw new InvalidOperationException($"No sample for {other}."),
        },
        _ => value,
    };

    [GeneratedRegex(@"reference\('[^']*', '[^']*'\)\.(?<path>[\w.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
