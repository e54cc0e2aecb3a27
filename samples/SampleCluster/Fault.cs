namespace Datapath.SampleCluster;

/// <summary>Something that goes wrong with a number of requests.</summary>
/// <param name="Verb"><c>list</c>, <c>watch</c> or <c>patch</c>.</param>
/// <param name="Plural">The kind; empty: any.</param>
internal sealed record Fault(string Verb, string Plural)
{
    /// <summary>With how many requests; less than 0: until it is taken back.</summary>
    public int Times { get; set; } = 1;

    /// <summary>How many of the requests pass first.</summary>
    public int After { get; set; }

    /// <summary>The answer.</summary>
    public int Status { get; init; }

    /// <summary>The reason in the answer; empty: it is no <c>Status</c> but somebody else's page.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Seconds that the answer asks to wait.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>What the request waits for before it is answered as usual.</summary>
    public Task? Until { get; init; }

    /// <summary>Whether the connection breaks in the middle of the answer.</summary>
    public bool Cuts { get; init; }

    /// <summary>How often it struck.</summary>
    public int Strikes { get; set; }
}
