namespace Datapath.Linux;

/// <summary>Somebody else changed or deleted the table of an <see cref="NftablesMasquerade"/>.</summary>
/// <param name="Table">The table.</param>
/// <param name="IsDeleted">Whether it was deleted, for example by <c>nft flush ruleset</c>.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NftablesTableChange(string Table, bool IsDeleted)
{
    /// <summary>The name of the program that did it; <see langword="null"/> if it is not known.</summary>
    public string? Program { get; init; }

    /// <summary>The process that did it, as the machine's first process sees its number; <see langword="null"/> if it is not known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Why the rules are not put back yet; <see langword="null"/> if they are. What the kernel refused is tried again.</summary>
    public string? Failure { get; init; }

    /// <summary>For example <c>table 'nat' was deleted by nft (process 812) and is put back; what left meanwhile may have kept its own address</c>.</summary>
    public override string ToString() =>
        $"table '{Table}' was {(IsDeleted ? "deleted" : "changed")} by {Who} and {(Failure is null ? "is put back" : $"is not put back yet: {Failure}")}; what left meanwhile may have kept its own address";

    private string Who => Program is null ? "somebody else" : ProcessId is { } process ? $"{Program} (process {process})" : Program;
}
