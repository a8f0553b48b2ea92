using System.Net;
using CasFunctions.Audit;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Audit;

/// <summary>An organization's audit log as its owner reads it.</summary>
internal static class AuditTrail
{
    /// <summary>More than any test makes: pages that don't end fail.</summary>
    private const int MaxEvents = 2000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>All events, the newest first, read in pages.</summary>
    /// <param name="tenant">The organization.</param>
    /// <param name="limit">The events of a page.</param>
    /// <param name="action">Only these; null for all.</param>
    /// <param name="betweenPages">What happens meanwhile.</param>
    public static async Task<List<AuditEntry>> ReadAuditAsync(this Tenant tenant, int limit = 200, string? action = null, Func<Task>? betweenPages = null)
    {
        List<AuditEntry> events = [];
        string? next = null;
        do
        {
            var query = $"?limit={limit}" + (action is null ? "" : "&action=" + action) + (next is null ? "" : "&after=" + next);
            var page = (await tenant.GetAsync("/v1/audit" + query)).Expect(HttpStatusCode.OK).Json;
            events.AddRange(page.GetProperty("events").EnumerateArray().Select(line => new AuditEntry(
                line.GetProperty("at").GetDateTimeOffset(),
                line.GetProperty("actor").GetString()!,
                line.GetProperty("action").GetString()!,
                line.GetProperty("subject").GetString()!,
                line.TryGetProperty("details", out var details) ? details.EnumerateObject().ToDictionary(d => d.Name, d => d.Value.GetString()!) : null)));
            Assert.InRange(events.Count, 0, MaxEvents);
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
            if (betweenPages is not null)
            {
                await betweenPages();
            }
        }
        while (next is not null);
        return events;
    }

    /// <summary>All events, as soon as this one is among them.</summary>
    public static async Task<List<AuditEntry>> ReadAuditWithAsync(this Tenant tenant, string action, string subject)
    {
        List<AuditEntry> events = [];
        await Eventually.TrueAsync(
            async _ => (events = await tenant.ReadAuditAsync()).Any(line => line.Action == action && line.Subject == subject),
            Deadline,
            TestContext.Current.CancellationToken);
        return events;
    }
}
