using Bunit;
using FleetManager.Server.Features.Events.Pages;

namespace FleetManager.Server.Tests.Pages;

public sealed class EventPictureTests : BunitContext
{
    private const string Images =
        """
        [{"sourceId":"out","inputSourceId":"in","label":"tray",
          "objectDetections":[{"class":"coin","x":44.5,"y":53.5,"width":44,"height":40,"confidence":0.98},{"class":"odd","x":"left","y":1,"width":2,"height":3}],
          "instanceSegmentations":[{"class":"<b>cup</b>","x":10,"y":10,"width":4,"height":4,"confidence":0.5,"points":[[8,8],[12,8],[12.5,12]]}],
          "keypoints":[{"class":"face","x":100,"y":80,"width":40,"height":20,"confidence":1,"keypoints":[{"id":"nose","x":101,"y":82},{"id":3,"x":90,"y":75}]}],
          "classifications":[{"class":"ready","confidence":0.96}]}]
        """;

    [Fact]
    public void Overlay_CentreBasedBox_DrawnFromItsCorner()
    {
        var shape = RenderPicture(Images).Find("[data-class=coin] rect");

        Assert.Equal(("22.5", "33.5", "44", "40"), (shape.GetAttribute("x"), shape.GetAttribute("y"), shape.GetAttribute("width"), shape.GetAttribute("height")));
    }

    [Fact]
    public void Overlay_ViewBox_NaturalSizeOfTheAnnotatedImage()
    {
        var view = RenderPicture(Images);

        Assert.Equal("0 0 384 303", view.Find("svg.f-overlay").GetAttribute("viewBox"));
        Assert.Equal("/in/display", JSInterop.Invocations["fleet.sizeOf"].Single().Arguments.Single());
        Assert.Equal("/in/display", view.Find("img").GetAttribute("src"));
    }

    [Fact]
    public void Overlay_OutlineAndPoints_Drawn()
    {
        var view = RenderPicture(Images);

        Assert.Equal("8,8 12,8 12.5,12", view.Find("polygon").GetAttribute("points"));
        Assert.Equal(["nose", "3"], view.FindAll("[data-class=face] circle title").Select(t => t.TextContent));
        Assert.Equal("face 100 %", view.Find("[data-class=face] text").TextContent);
        Assert.Equal("<b>cup</b> 50 %", view.FindAll("text").Single(t => t.TextContent.Contains("cup", StringComparison.Ordinal)).TextContent);
        Assert.Contains("ready 96 %", view.Find(".f-classes").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlay_EntryWithoutNumbers_LeftOut() => Assert.Empty(RenderPicture(Images).FindAll("[data-class=odd]"));

    [Fact]
    public void Switch_Output_ShowsItAndDrawsOnDemandOnly()
    {
        var view = RenderPicture(Images);

        view.FindAll(".f-switcher button").Single(b => b.TextContent == "Output").Click();

        Assert.Equal("/out/display", view.Find("img").GetAttribute("src"));
        Assert.Empty(view.FindAll("svg.f-overlay"));
        view.Find("input[type=checkbox]").Change(true);
        Assert.Equal("0 0 384 303", view.Find("svg.f-overlay").GetAttribute("viewBox"));
    }

    [Fact]
    public void Image_OutputOnly_PredictionsBelongToIt()
    {
        var view = RenderPicture("""[{"sourceId":"out","objectDetections":[{"class":"coin","x":1,"y":1,"width":1,"height":1}]}]""");

        Assert.Equal("/out/display", JSInterop.Invocations["fleet.sizeOf"].Single().Arguments.Single());
        Assert.NotNull(view.Find("svg.f-overlay"));
        Assert.Empty(view.FindAll(".f-switcher"));
    }

    [Fact]
    public void Image_Original_CanBeDownloadedAndListsShowTheThumbnail()
    {
        var link = RenderPicture(Images).Find("a[download]");

        Assert.Equal("/in/", link.GetAttribute("href"));
        Assert.Equal("/out/256", Read(Images).ThumbnailUrl);
    }

    [Fact]
    public void Image_NotThere_SaidInsteadOfABrokenPicture()
    {
        JSInterop.Setup<EventPictureView.Size?>("fleet.sizeOf", _ => true).SetResult(null);

        var view = Render<EventPictureView>(p => p.Add(v => v.Picture, Read(Images)));

        Assert.Contains("not on this server", view.Find(".f-picture-missing").TextContent, StringComparison.Ordinal);
        Assert.True(view.Find("img").HasAttribute("hidden"));
    }

    private static EventPicture Read(string images) => EventPicture.ReadAll(images, (id, variant) => $"/{id}/{variant}").Single();

    private IRenderedComponent<EventPictureView> RenderPicture(string images)
    {
        JSInterop.Setup<EventPictureView.Size?>("fleet.sizeOf", _ => true).SetResult(new EventPictureView.Size(384, 303));
        return Render<EventPictureView>(p => p.Add(v => v.Picture, Read(images)));
    }
}
