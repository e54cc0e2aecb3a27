namespace Datapath.Linux.Services;

/// <summary>A backend that a frontend has no more.</summary>
/// <param name="FrontendId">The frontend.</param>
/// <param name="Backend">The backend.</param>
internal readonly record struct RetiredBackend(uint FrontendId, L4Address Backend);
