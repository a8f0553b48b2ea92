using System.Security.Cryptography;

namespace CasFunctions.Usage;

/// <summary>What one row of the table counts.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Day">The day, in UTC.</param>
public readonly record struct UsageKey(string Organization, string Backend, DateOnly Day);

/// <summary>Counts that are on their way to the table. They stay as they are until they are known to be there.</summary>
/// <param name="Key">The row that they belong to.</param>
/// <param name="Id">Tells whether the row has them already.</param>
/// <param name="Counts">The counts.</param>
internal sealed record UsageShare(UsageKey Key, string Id, UsageCounts Counts);

/// <summary>Counts in memory what this instance does.</summary>
public sealed class UsageMeter(TimeProvider time)
{
    /// <summary>The length of a share's id in characters.</summary>
    internal const int IdLength = 12;

    private readonly Lock _lock = new();
    private readonly Dictionary<UsageKey, UsageCounts> _counted = [];
    private readonly Dictionary<UsageKey, UsageShare> _leaving = [];

    /// <summary>True when the table lacks something.</summary>
    internal bool HasCounts
    {
        get
        {
            lock (_lock)
            {
                return _counted.Count + _leaving.Count > 0;
            }
        }
    }

    /// <summary>Adds to today's counts.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="counts">What happened.</param>
    public void Add(string organization, string backend, UsageCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var key = new UsageKey(organization, backend, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        lock (_lock)
        {
            _counted[key] = _counted.TryGetValue(key, out var known) ? known.Plus(counts) : counts;
        }
    }

    /// <summary>What is to be written: what could not be written before, unchanged, and for other rows what was counted since.</summary>
    internal IReadOnlyList<UsageShare> Take()
    {
        lock (_lock)
        {
            foreach (var (key, counts) in _counted)
            {
                if (_leaving.TryAdd(key, new UsageShare(key, RandomNumberGenerator.GetHexString(IdLength, lowercase: true), counts)))
                {
                    _counted.Remove(key);
                }
            }

            return [.. _leaving.Values];
        }
    }

    /// <summary>Notes that a share is in the table.</summary>
    internal void Settle(UsageShare share)
    {
        lock (_lock)
        {
            _leaving.Remove(share.Key);
        }
    }
}
